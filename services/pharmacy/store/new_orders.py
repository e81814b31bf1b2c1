"""What is written of new orders, in one statement. The fields are those of the tables' rows; these cost a fraction of
what rows cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.resealing import sealed_columns
from kit.sealing import SealingKeys
from services.pharmacy.store.catalog_tables import HoldRow
from services.pharmacy.store.order_tables import OrderItemRow, OrderRow, OrderStepRow


class NewOrder(NamedTuple):
    """See `OrderRow`."""

    order_id: UUID
    patient_id: UUID
    pharmacy_id: UUID
    state: int
    prescription_id: UUID | None
    prescription_revision: int
    needs_review: bool
    goods_minor: int
    delivery_minor: int
    currency: str
    buyer_name: str
    address: bytes
    latitude: float
    longitude: float
    distance_metres: int
    cold_chain: bool
    create_time: datetime
    update_time: datetime
    due_time: datetime | None
    last_sequence: int = 1
    approved: bool = False
    courier_id: UUID | None = None
    end_time: datetime | None = None
    return_reason: int = 0


class NewItem(NamedTuple):
    """See `OrderItemRow`."""

    order_id: UUID
    line: int
    patient_id: UUID
    product_id: UUID
    quantity: int
    price_minor: int
    name_zh: str
    name_en: str
    atc_code: str
    pack: str
    prescription_only: bool
    prescription_item: int


class NewStep(NamedTuple):
    """See `OrderStepRow`."""

    order_id: UUID
    sequence: int
    patient_id: UUID
    act: int
    state: int
    actor_id: UUID | None
    time: datetime
    note: str = ""


class NewHold(NamedTuple):
    """See `HoldRow`."""

    order_id: UUID
    lot_id: UUID
    line: int
    patient_id: UUID
    quantity: int
    state: int


class NewEvent(NamedTuple):
    """See `OutboxRow`."""

    subject: str
    payload: bytes


class NewAnswer(NamedTuple):
    """See `AnsweredRequest`."""

    caller_id: UUID
    request_id: UUID
    digest: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class NewRows:
    """All that is written of some orders."""

    orders: list[NewOrder] = field(default_factory=list)
    items: list[NewItem] = field(default_factory=list)
    steps: list[NewStep] = field(default_factory=list)
    holds: list[NewHold] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    answers: list[NewAnswer] = field(default_factory=list)


def sealed[R: (NewOrder, NewStep, NewAnswer)](row: R, keys: SealingKeys) -> R:
    """A row as it is kept: its table tells what is sealed."""
    return row._replace(**{name: kind.seal(keys, getattr(row, name)) for name, kind in _SEALED[type(row)].items()})


async def write(connection: asyncpg.Connection, new: NewRows) -> None:
    """Write the orders with everything that belongs to them, and count what they hold. Errors:
    `asyncpg.UniqueViolationError`; `asyncpg.CheckViolationError`: more would be held than there is."""
    columns: list[Sequence[Any]] = [[hold.lot_id for hold in new.holds], [hold.quantity for hold in new.holds]]
    rows: list[Sequence[tuple[Any, ...]]] = [new.orders, new.items, new.steps, new.holds, new.events, new.answers]
    for (_, fields), some in zip(_TABLES, rows, strict=True):
        columns.extend(zip(*some, strict=True) if some else [()] * len(fields))
    await connection.execute(_WRITE, *columns)


_TABLES: Sequence[tuple[type[SQLModel], Sequence[str]]] = (
    (OrderRow, NewOrder._fields),
    (OrderItemRow, NewItem._fields),
    (OrderStepRow, NewStep._fields),
    (HoldRow, NewHold._fields),
    (OutboxRow, NewEvent._fields),
    (AnsweredRequest, NewAnswer._fields),
)
"""In the order of the fields of `NewRows`; each row names its patient_id."""
_SEALED = {
    NewOrder: sealed_columns(OrderRow.__table__),  # type: ignore[attr-defined]
    NewStep: sealed_columns(OrderStepRow.__table__),  # type: ignore[attr-defined]
    NewAnswer: sealed_columns(AnsweredRequest.__table__),  # type: ignore[attr-defined]
}
_COUNT = """
update stock_lot set held = held + added.quantity, update_time = now()
from (
  select lot_id, sum(quantity) as quantity from unnest($1::uuid[], $2::int[]) as hold (lot_id, quantity) group by lot_id
) as added
where stock_lot.lot_id = added.lot_id
"""
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def _statement() -> str:
    """Takes two arrays of what is held, then one for each column of each table."""
    parts, number = [], 3
    for row_type, fields in _TABLES:
        parts.append(_insertion(row_type, fields, number))
        number += len(fields)
    return f"with {', '.join(parts)} {_COUNT}"


def _insertion(row_type: type[SQLModel], names: Sequence[str], number: int) -> str:
    """The first column is the parameter of that number."""
    table: Table = row_type.__table__  # type: ignore[attr-defined]
    arrays = ", ".join(
        f"${place}::{table.columns[name].type.compile(_DIALECT)}[]" for place, name in enumerate(names, start=number)
    )
    insert = f"insert into {table} ({', '.join(names)}) select * from unnest({arrays})"  # noqa: S608  our own names
    return f"new_{table} as ({insert})"


_WRITE = _statement()
