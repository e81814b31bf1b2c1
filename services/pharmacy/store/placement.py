"""Orders that are placed together: their lots locked, their packs held, and all that is written of them, in one
transaction and two statements."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from services.pharmacy.domain.holding import Held, Line, Lot, OutOfStockError, allot
from services.pharmacy.store.catalog_tables import HoldRow
from services.pharmacy.store.new_orders import NewAnswer, NewEvent, NewHold, NewItem, NewOrder, NewStep
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow, OrderStepRow
from services.pharmacy.store.stock import Hold


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


async def place(connection: asyncpg.Connection, group: Sequence[Placement]) -> None:
    """Hold what each order wants, and write those that get it; the others have an `OutOfStockError`. All of it in the
    connection's transaction. Errors: `PlacedBeforeError`; nobody knows whose it is in a group of several."""
    found = allot([placement.lines for placement in group], await _lock_lots(connection, group))
    placed: list[Placement] = []
    holds: list[NewHold] = []
    for placement, held in zip(group, found, strict=True):
        if isinstance(held, OutOfStockError):
            placement.error = held
            continue
        placement.error = None
        placed.append(placement)
        holds.extend(_hold(placement.order, each) for each in held)
    if placed:
        try:
            await connection.execute(_WRITE, *_written(placed, holds))
        except asyncpg.UniqueViolationError as error:
            raise PlacedBeforeError("the quote was ordered before") from error


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
    wanted = sorted({(*line.shelf, placement.day) for placement in group for line in placement.lines})
    pharmacies, products, days = zip(*wanted, strict=True)
    return [
        Lot(row["lot_id"], (row["pharmacy_id"], row["product_id"]), row["expiry_date"], row["free"])
        for row in await connection.fetch(_LOCK, pharmacies, products, days)
    ]


def _hold(order: NewOrder, held: Held) -> NewHold:
    return NewHold(order.order_id, held.lot_id, held.line, order.patient_id, held.quantity, Hold.HELD)


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def _insertion(row_type: type[SQLModel], names: Sequence[str], number: int) -> str:
    """Takes an array for each column, the first one as the parameter of that number."""
    table: Table = row_type.__table__  # type: ignore[attr-defined]
    arrays = ", ".join(
        f"${place}::{table.columns[name].type.compile(_DIALECT)}[]" for place, name in enumerate(names, start=number)
    )
    return f"new_{table} as (insert into {table} ({', '.join(names)}) select * from unnest({arrays}))"  # noqa: S608  our own names


def _write_statement() -> str:
    """Inserts into every table, and counts what is held."""
    parts, number = [], 3
    for row_type, fields in _TABLES:
        parts.append(_insertion(row_type, fields, number))
        number += len(fields)
    return f"with {', '.join(parts)} {_COUNT}"


_TABLES: Sequence[tuple[type[SQLModel], Sequence[str]]] = (
    (OrderRow, NewOrder._fields),
    (OrderItemRow, NewItem._fields),
    (OrderStepRow, NewStep._fields),
    (HoldRow, NewHold._fields),
    (OutboxRow, NewEvent._fields),
    (AnsweredRequest, NewAnswer._fields),
)
"""What is written of an order, each with its patient_id."""

_COUNT = """
update stock_lot set held = held + added.quantity, update_time = now()
from (
  select lot_id, sum(quantity) as quantity from unnest($1::uuid[], $2::int[]) as hold (lot_id, quantity) group by lot_id
) as added
where stock_lot.lot_id = added.lot_id
"""
_WRITE = _write_statement()


def _written(placed: Sequence[Placement], holds: Sequence[NewHold]) -> list[Sequence[Any]]:
    """What `_WRITE` takes."""
    rows: list[Sequence[tuple[Any, ...]]] = [
        [placement.order for placement in placed],
        [item for placement in placed for item in placement.items],
        [placement.step for placement in placed],
        holds,
        [placement.event for placement in placed],
        [placement.answer for placement in placed if placement.answer is not None],
    ]
    columns: list[Sequence[Any]] = [[hold.lot_id for hold in holds], [hold.quantity for hold in holds]]
    for (_, fields), some in zip(_TABLES, rows, strict=True):
        columns.extend(zip(*some, strict=True) if some else [()] * len(fields))
    return columns
