"""Every state of an order × every state of another payment of it × everything that a provider can tell of that payment:
afterwards the ledger sums to zero, what the providers hold is what the order says, and nothing is lost."""

import asyncio
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest
from apricot.pharmacy.v1 import payment_pb2 as pb

from services.pharmacy.domain.orders import Act, State
from services.pharmacy.domain.payments import State as PaymentState
from services.pharmacy.providers.port import Trade, TradeState
from services.pharmacy.store.payment_tables import PaymentRow
from tests.pharmacy.money.shop import DELIVERY, TOTAL, Shop
from tests.pharmacy.orders.walk import ENDS

UNPAID: dict[str, tuple[Act, ...]] = {
    "awaiting payment": (),
    "expired": (Act.EXPIRE,),
    "cancelled": (Act.CANCEL,),
}
PAID: dict[str, tuple[Act, ...]] = {
    "in review": (),
    "preparing": (),
    "ready": (Act.PACK,),
    "on the way": (Act.PACK, Act.PICK_UP),
    "delivered": (Act.PACK, Act.PICK_UP, Act.DELIVER),
    "undelivered": (Act.PACK, Act.PICK_UP, Act.FAIL),
    "returning": (Act.PACK, Act.PICK_UP, Act.DELIVER, Act.ASK_RETURN),
    "returned": (Act.PACK, Act.PICK_UP, Act.DELIVER, Act.ASK_RETURN, Act.ACCEPT_RETURN),
    "given up": (Act.CANCEL,),
    "brought back": (Act.PACK, Act.PICK_UP, Act.FAIL, Act.BRING_BACK),
}
IN_REVIEW = (
    "update medicine_order set state = 2, needs_review = true, prescription_id = gen_random_uuid() where order_id = $1"
)
TOLD = ("nothing", "paid", "closed", "another amount", "another currency", "another reference")


@dataclass
class Case:
    """One order with one more payment, of which something is told."""

    shop: Shop
    payment_state: PaymentState
    told: str
    order_id: UUID
    payment_id: UUID
    before: State
    brought_back: bool = False

    async def tell(self) -> None:
        """Twice, as providers do."""
        bank = self.shop.banks["alipay"]
        if self.told not in ("nothing", "closed") and self.payment_state is not PaymentState.PAID:
            bank.pay(self.payment_id)
        trade = bank.trades[self.payment_id]
        says = {
            "nothing": replace(trade, state=TradeState.WAITING),
            "paid": trade,
            "closed": replace(trade, state=TradeState.CLOSED, reference="", pay_time=None),
            "another amount": replace(trade, amount_minor=TOTAL - 1),
            "another currency": replace(trade, currency="USD"),
            "another reference": replace(trade, reference="another"),
        }
        for _ in range(2):
            await self.shop.till.take("alipay", says[self.told])

    @property
    def is_captured(self) -> bool:
        """Whether what was told is the payment's money, heard of for the first time."""
        return self.told in ("paid", "another reference") and self.payment_state is not PaymentState.PAID

    async def holds(self) -> None:
        """Whatever was told."""
        state = await self.shop.state(self.order_id)
        payments = await self.shop.attempts(self.order_id)
        kept = [
            each.amount.minor_units - each.refunded.minor_units
            for each in payments
            if each.state == pb.PAYMENT_STATE_PAID
        ]
        belongs = _belongs(state, brought_back=self.brought_back)
        assert sum(kept) == belongs, self
        accounts = await self.shop.accounts(self.order_id)  # which sum to zero
        assert accounts.get("provider_clearing", 0) == belongs, self
        assert "refunds_payable" not in accounts, self
        assert accounts.get("order_escrow", 0) == (-belongs if _is_under_way(state) else 0), self
        assert sum(each.counted for each in payments) <= 1, self
        (other,) = [each for each in payments if each.payment_id == str(self.payment_id)]
        if self.told.startswith(("another amount", "another currency")):
            assert await self._is_parked(), self
        if self.is_captured or self.payment_state is PaymentState.PAID:
            assert other.state == pb.PAYMENT_STATE_PAID, self
            assert other.counted or other.refunded.minor_units == TOTAL, self
        if self.told == "another reference" and self.payment_state is PaymentState.PAID:
            assert await self._is_parked(), self

    async def _is_parked(self) -> bool:
        found = await self.shop.fetch("select from payment_dispute where payment_id = $1", self.payment_id)
        return len(found) == 1


def _belongs(state: State, *, brought_back: bool) -> int:
    """What the providers hold of an order once all that goes back has gone."""
    if brought_back:
        return DELIVERY
    return 0 if state in (State.AWAITING_PAYMENT, State.EXPIRED, State.CANCELLED, State.RETURNED) else TOTAL


def _is_under_way(state: State) -> bool:
    """Whether nobody has earned the money yet."""
    return state in (State.IN_REVIEW, State.PREPARING, State.READY, State.ON_THE_WAY, State.UNDELIVERED)


async def arrange(shop: Shop, name: str, payment_state: PaymentState, told: str) -> Case:
    """The order where it stands, and the other payment."""
    if name in UNPAID:
        order_id, acts = await shop.order(), UNPAID[name]
    else:
        order_id, acts = (await shop.paid_order())[0], PAID[name]
    await shop.move(order_id, *acts)
    if name == "in review":  # what it waits for is another test's
        await shop.fetch(IN_REVIEW, order_id)
    payment_id = uuid4()
    shop.banks["alipay"].trades[payment_id] = Trade(payment_id, TradeState.WAITING, TOTAL, "CNY")
    async with shop.database.transaction() as session:
        session.add(
            PaymentRow(
                payment_id=payment_id,
                order_id=order_id,
                patient_id=shop.buyer,
                provider="alipay",
                state=PaymentState.CLOSED if payment_state is PaymentState.PAID else payment_state,
                amount_minor=TOTAL,
                currency="CNY",
                create_time=shop.clock.now,
                expire_time=shop.clock.now,
            )
        )
    if payment_state is PaymentState.PAID:
        await shop.till.take("alipay", shop.banks["alipay"].pay(payment_id))
    before = await shop.state(order_id)
    return Case(shop, payment_state, told, order_id, payment_id, before, name == "brought back")


@pytest.mark.parametrize("name", [*UNPAID, *PAID])
async def test_money_agrees_with_the_order_whatever_is_told_of_whichever_payment(shop: Shop, name: str) -> None:
    cases = list[Case]()
    for state in PaymentState:  # more at once would wait for connections
        some = await asyncio.gather(*(arrange(shop, name, state, told) for told in TOLD))
        await asyncio.gather(*(case.tell() for case in some))
        cases += some
    await shop.work()
    for case in cases:
        moved = case.before is State.AWAITING_PAYMENT and case.is_captured
        assert await shop.state(case.order_id) is (State.PREPARING if moved else case.before), case
        await case.holds()
    for case in cases:
        stands = await shop.state(case.order_id)
        if stands in ENDS:
            await shop.move(case.order_id, ENDS[stands])
            case.brought_back |= stands is State.UNDELIVERED
    await shop.work()
    for case in cases:
        await case.holds()


def test_every_state_of_an_order_is_walked() -> None:
    assert set(ENDS) == {state for state in State if state.is_open}
