"""Couriers: on duty or not, and what buyers said of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain.geography import Position
from services.pharmacy.domain.jobs import WrongStateError
from services.pharmacy.domain.offers import RATINGS, Standing
from services.pharmacy.store.job_tables import CourierRow
from services.pharmacy.store.rating_tables import OrderRatingRow

_OFF_DUTY = {"on_duty": False, "latitude": None, "longitude": None}


async def set_availability(
    session: AsyncSession, account_id: UUID, place: Position | None, *, has_cold_box: bool, now: datetime
) -> None:
    """On duty at a place; without one, off duty."""
    values = {
        "on_duty": place is not None,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "has_cold_box": has_cold_box,
        "update_time": now,
    }
    await session.exec(
        insert(CourierRow)
        .values(courier_id=account_id, **values)
        .on_conflict_do_update(index_elements=["courier_id"], set_=values)
    )


async def end_forgotten_duty(session: AsyncSession, since: datetime) -> None:
    """Off duty, and where they were forgotten: who went on duty before then."""
    statement = update(CourierRow).where(col(CourierRow.on_duty), col(CourierRow.update_time) <= since)
    await session.exec(statement.values(_OFF_DUTY))


async def end_duty(session: AsyncSession, account_id: UUID) -> None:
    """Off duty for good: nobody knows where he was."""
    statement = update(CourierRow).where(col(CourierRow.courier_id) == account_id)
    await session.exec(statement.values(_OFF_DUTY))


async def require_on_duty(
    session: AsyncSession, account_id: UUID, *, lock: bool = False
) -> tuple[CourierRow, Position]:
    """The courier, and where he is; locked, he accepts one job at a time. Errors: `WrongStateError`."""
    row = await session.get(CourierRow, account_id, with_for_update=lock)
    if row is None or row.latitude is None or row.longitude is None:
        raise WrongStateError("the courier is off duty")
    return row, Position(row.latitude, row.longitude)


async def standing(session: AsyncSession, account_id: UUID) -> Standing:
    """What follows from this courier's last ratings."""
    query = (
        select(OrderRatingRow.courier_stars)
        .where(col(OrderRatingRow.courier_id) == account_id)
        .order_by(col(OrderRatingRow.create_time).desc())
        .limit(RATINGS)
    )
    return Standing.of((await session.exec(query)).all())
