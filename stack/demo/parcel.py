"""The demo's order as its buyer sees it on the way. No terminal, no network."""

from collections import deque
from collections.abc import Sequence
from enum import Enum, auto

from apricot.pharmacy.v1.order_pb2 import (
    ORDER_STATE_CANCELLED,
    ORDER_STATE_DELIVERED,
    ORDER_STATE_EXPIRED,
    ORDER_STATE_IN_REVIEW,
    ORDER_STATE_ON_THE_WAY,
    ORDER_STATE_PREPARING,
    ORDER_STATE_READY,
    ORDER_STATE_UNDELIVERED,
    Order,
    OrderAct,
    OrderState,
    OrderStep,
)


class Mark(Enum):
    """How a station of the way stands."""

    DONE = auto()
    NOW = auto()
    TO_COME = auto()


_PACKS = (ORDER_STATE_IN_REVIEW, ORDER_STATE_PREPARING)
_WAITS = (ORDER_STATE_READY,)
_CARRIES = (ORDER_STATE_ON_THE_WAY, ORDER_STATE_UNDELIVERED)
_GIVEN_UP = (ORDER_STATE_CANCELLED, ORDER_STATE_EXPIRED)
_DONE = {
    OrderAct.ORDER_ACT_PAY: "paid",
    OrderAct.ORDER_ACT_PAY_FOR_REVIEW: "paid",
    OrderAct.ORDER_ACT_PACK: "packed",
    OrderAct.ORDER_ACT_PICK_UP: "fetched, and on the way",
}
"""In the words of its stations."""


class Parcel:
    """One order: whose, what, from where, and how far it has come."""

    def __init__(self) -> None:
        self._order = Order()
        self.buyer = ""
        self.pharmacy = ""
        self.metres_left: int | None = None
        """From the courier to the door; None: nobody knows."""
        self.stars = 0
        """What the buyer rated it; 0: not yet."""
        self.untold: deque[str] = deque(maxlen=50)
        """What happened, that whoever tells it line by line has not taken yet."""

    @property
    def is_there(self) -> bool:
        """Whether there is an order to show."""
        return bool(self._order.order_id)

    @property
    def goods(self) -> str:
        """In a line."""
        return ", ".join(
            f"{item.name_zh} {item.name_en} {item.pack}{f' ×{item.quantity}' * (item.quantity > 1)}"
            for item in self._order.items
        )

    @property
    def price(self) -> str:
        """In all."""
        return f"{self._order.total.currency_code} {self._order.total.minor_units / 100:.2f}"

    def begin(self, order: Order, buyer: str, pharmacy: str) -> None:
        """An order was placed."""
        self._order, self.buyer, self.pharmacy = Order(), buyer, pharmacy
        self._order.CopyFrom(order)
        self.metres_left, self.stars = None, 0
        self.untold.append(f"{buyer} orders {self.goods} for {self.price}")

    def stepped(self, step: OrderStep) -> None:
        """It took a step."""
        self._order.state = step.state
        if step.act != OrderAct.ORDER_ACT_PLACE:
            self.untold.append(f"{self.buyer}'s order is {_DONE.get(step.act) or _words(step.state)}")

    def rated(self, stars: int) -> None:
        """The buyer said how it was."""
        self.stars = stars
        self.untold.append(f"{self.buyer} rates it {'★' * stars}")

    def stations(self) -> Sequence[tuple[str, Mark]]:
        """The way from the shelf to the door, as far as it has come."""
        state = self._order.state
        if state in _GIVEN_UP:
            return [("placed", Mark.DONE), (_words(state), Mark.DONE)]
        now = next((index for index, states in enumerate((_PACKS, _WAITS, _CARRIES), 1) if state in states), 0)
        if state == ORDER_STATE_DELIVERED:
            now = 5
        way = "on the way"
        if now == 3 and self.metres_left is not None:
            way += f", {self.metres_left / 1000:.1f} km to go"
        names = ["paid", "packed", "fetched", way, "delivered" + (f" {'★' * self.stars}" if self.stars else "")]
        marks = [Mark.DONE if index < now else Mark.NOW if index == now else Mark.TO_COME for index in range(5)]
        return list(zip(names, marks, strict=True))


def _words(state: OrderState.ValueType) -> str:
    return OrderState.Name(state).removeprefix("ORDER_STATE_").lower().replace("_", " ")
