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
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow, OrderStepRow


class PlacedBeforeError(Exception):
    """The quote was ordered before, or the request answered: by the same call sent twice, mostly."""


@dataclass(slots=True)
class Placement:
    """One order on its way into a commit, made ready: nothing is left to do of it while lots are locked."""

    order: OrderRow
    items: Sequence[OrderItemRow]
    step: OrderStepRow
    event: OutboxRow
    day: date
    """The pharmacy's: what was to be used before this day is not held."""
    answer: AnsweredRequest | None = None
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
    holds: list[HoldRow] = []
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


def _hold(order: OrderRow, held: Held) -> HoldRow:
    return HoldRow(
        order_id=order.order_id,
        lot_id=held.lot_id,
        line=held.line,
        patient_id=order.patient_id,
        quantity=held.quantity,
    )


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_TABLES: Sequence[type[SQLModel]] = (OrderRow, OrderItemRow, OrderStepRow, HoldRow, OutboxRow, AnsweredRequest)
"""What is written of an order, each with its patient_id."""


def _columns_of(row_type: type[SQLModel]) -> list[Any]:
    """Those that the database does not fill by itself."""
    table: Table = row_type.__table__  # type: ignore[attr-defined]
    return [column for column in table.columns if column.identity is None and column.server_default is None]


def _insertion(row_type: type[SQLModel], number: int) -> str:
    """Takes an array for each column, the first one as the parameter of that number."""
    columns, table = _columns_of(row_type), row_type.__tablename__
    names = ", ".join(column.name for column in columns)
    arrays = ", ".join(
        f"${place}::{column.type.compile(_DIALECT)}[]" for place, column in enumerate(columns, start=number)
    )
    return f"new_{table} as (insert into {table} ({names}) select * from unnest({arrays}))"  # noqa: S608  our own names


def _write_statement() -> str:
    """Inserts into every table, and counts what is held."""
    parts, number = [], 3
    for row_type in _TABLES:
        parts.append(_insertion(row_type, number))
        number += len(_columns_of(row_type))
    return f"with {', '.join(parts)} {_COUNT}"


_COUNT = """
update stock_lot set held = held + added.quantity, update_time = now()
from (
  select lot_id, sum(quantity) as quantity from unnest($1::uuid[], $2::int[]) as hold (lot_id, quantity) group by lot_id
) as added
where stock_lot.lot_id = added.lot_id
"""
_WRITE = _write_statement()


def _written(placed: Sequence[Placement], holds: Sequence[HoldRow]) -> list[list[Any]]:
    """What `_WRITE` takes."""
    rows: list[Sequence[SQLModel]] = [
        [placement.order for placement in placed],
        [item for placement in placed for item in placement.items],
        [placement.step for placement in placed],
        holds,
        [placement.event for placement in placed],
        [placement.answer for placement in placed if placement.answer is not None],
    ]
    columns = [
        [getattr(row, column.name) for row in some]
        for row_type, some in zip(_TABLES, rows, strict=True)
        for column in _columns_of(row_type)
    ]
    return [[hold.lot_id for hold in holds], [hold.quantity for hold in holds], *columns]
