"""Orders that are placed together: their buyers and lots are locked, their packs held, and they are written, in one
transaction of four statements."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import asyncpg

from services.pharmacy.domain.holding import Held, Line, Lot, OutOfStockError, Shelf, TooManyUnpaidError, allot
from services.pharmacy.store.new_orders import NewAnswer, NewEvent, NewHold, NewItem, NewOrder, NewRows, NewStep, write
from services.pharmacy.store.stock import Hold
from services.pharmacy.store.unpaid import unpaid_of


class PlacedBeforeError(Exception):
    """The quote was ordered before, or the request answered: by the same call sent twice, mostly."""


@dataclass(slots=True)
class Placement:
    """One order on its way into a commit, made ready: nothing is left to do of it while lots are locked."""

    order: NewOrder
    items: Sequence[NewItem]
    step: NewStep
    event: NewEvent
    day: date
    """The pharmacy's: what was to be used before this day is not held."""
    answer: NewAnswer | None = None
    """Kept in the same transaction; None: whoever began that does it."""
    error: Exception | None = None
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def lines(self) -> list[Line]:
        """What it wants from the shelves."""
        pharmacy_id = self.order.pharmacy_id
        return [Line(item.line, (pharmacy_id, item.product_id), item.quantity) for item in self.items]

    def settle(self) -> None:
        """Whoever waits for it goes on."""
        if self.done.done():  # the call has ended meanwhile
            return
        if self.error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(self.error)


async def place(connection: asyncpg.Connection, group: Sequence[Placement], unpaid_per_buyer: int) -> None:
    """Hold what each order wants, and write those that get it; the others have a `TooManyUnpaidError` or an
    `OutOfStockError`. All of it in the connection's transaction. Errors: `PlacedBeforeError`; nobody knows whose it is
    in a group of several."""
    admitted = await _admit(connection, group, unpaid_per_buyer)
    if not admitted:
        return
    found = allot([placement.lines for placement in admitted], await _lock_lots(connection, admitted))
    new = NewRows()
    for placement, held in zip(admitted, found, strict=True):
        if isinstance(held, OutOfStockError):
            placement.error = held
            continue
        placement.error = None
        _add(new, placement, held)
    if new.orders:
        try:
            await write(connection, new)
        except asyncpg.UniqueViolationError as error:
            raise PlacedBeforeError("the quote was ordered before") from error


async def _admit(connection: asyncpg.Connection, group: Sequence[Placement], unpaid_per_buyer: int) -> list[Placement]:
    """Those that their buyers may still hold packs by, until the transaction ends. Each of a group counts, also one
    that gets nothing."""
    unpaid = await unpaid_of(connection, {placement.order.patient_id for placement in group})
    admitted = []
    for placement in group:
        buyer = placement.order.patient_id
        if unpaid[buyer] >= unpaid_per_buyer:
            placement.error = TooManyUnpaidError(f"{unpaid_per_buyer} orders wait for payment")
            continue
        unpaid[buyer] += 1
        admitted.append(placement)
    return admitted


_LOCK = """
select lot_id, pharmacy_id, product_id, expiry_date, on_hand - held as free
from stock_lot join unnest($1::uuid[], $2::uuid[], $3::date[]) as wanted (pharmacy_id, product_id, day)
using (pharmacy_id, product_id)
where expiry_date >= day and on_hand > held
order by lot_id for update of stock_lot
"""
"""In one order for all, so that those who lock several wait for one another and never for each other."""


async def _lock_lots(connection: asyncpg.Connection, group: Sequence[Placement]) -> list[Lot]:
    """All that may be held; nobody else holds any of it until the transaction ends."""
    wanted: dict[Shelf, date] = {}
    for placement in group:
        for line in placement.lines:  # around midnight two days meet in a group: what the later one may use, both may
            wanted[line.shelf] = max(placement.day, wanted.get(line.shelf, placement.day))
    pharmacies, products = zip(*wanted, strict=True)
    return [
        Lot(row["lot_id"], (row["pharmacy_id"], row["product_id"]), row["expiry_date"], row["free"])
        for row in await connection.fetch(_LOCK, pharmacies, products, list(wanted.values()))
    ]


def _add(new: NewRows, placement: Placement, held: Sequence[Held]) -> None:
    order = placement.order
    new.orders.append(order)
    new.items.extend(placement.items)
    new.steps.append(placement.step)
    new.events.append(placement.event)
    if placement.answer is not None:
        new.answers.append(placement.answer)
    for each in held:
        new.holds.append(NewHold(order.order_id, each.lot_id, each.line, order.patient_id, each.quantity, Hold.HELD))
