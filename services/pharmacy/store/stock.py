"""Stock: held for an order, given back, taken."""

from collections.abc import Collection
from datetime import date, datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.catalog_tables import HoldRow, LotRow
from services.pharmacy.store.order_tables import OrderRow


class Hold(IntEnum):
    """What became of packs that were held."""

    HELD = 1
    RELEASED = 2
    TAKEN = 3


async def available(
    session: AsyncSession, pharmacy_id: UUID, product_ids: Collection[UUID], day: date
) -> dict[UUID, int]:
    """How many packs of these products a pharmacy has that nobody holds and that may be used on a day."""
    query = (
        select(LotRow.product_id, func.sum(LotRow.on_hand - LotRow.held))
        .where(LotRow.pharmacy_id == pharmacy_id, col(LotRow.product_id).in_(product_ids), LotRow.expiry_date >= day)
        .group_by(col(LotRow.product_id))
    )
    return dict((await session.exec(query)).all())


async def release(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """What is held for the order is for others again."""
    for hold, lot in await _lock_held(session, row):
        hold.state = Hold.RELEASED
        lot.held -= hold.quantity
        lot.update_time = now


async def take(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """What is held for the order has left the shelf."""
    for hold, lot in await _lock_held(session, row):
        hold.state = Hold.TAKEN
        lot.held -= hold.quantity
        lot.on_hand -= hold.quantity
        lot.update_time = now


async def picks(session: AsyncSession, row: OrderRow) -> list[tuple[HoldRow, LotRow]]:
    """What is held for the order, what expires first before the rest of its line."""
    order = HoldRow.line, LotRow.expiry_date, LotRow.lot_id
    return list((await session.exec(_held(row).order_by(*map(col, order)))).all())


async def _lock_held(session: AsyncSession, row: OrderRow) -> list[tuple[HoldRow, LotRow]]:
    """The lots in one order for all, so that two who lock several wait for one another and never for each other; and
    what is held of them. What was given back or taken before is left out."""
    found = await session.exec(_held(row).order_by(col(LotRow.lot_id), col(HoldRow.line)).with_for_update())
    return list(found.all())


def _held(row: OrderRow):  # type: ignore[no-untyped-def]  # of two tables
    return (
        select(HoldRow, LotRow)
        .join(LotRow, col(LotRow.lot_id) == HoldRow.lot_id)
        .where(HoldRow.patient_id == row.patient_id, HoldRow.order_id == row.order_id, HoldRow.state == Hold.HELD)
    )
