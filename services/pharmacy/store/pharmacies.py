"""Pharmacies and their staff, as those who run the platform keep them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.pharmacy_tables import PharmacyRow, StaffRow

_KEPT = {"pharmacy_id", "rating_sum", "rating_count"}
"""What is not told but has come to be."""


class LicenceTakenError(Exception):
    """Another pharmacy has that licence number."""


async def put(session: AsyncSession, row: PharmacyRow) -> PharmacyRow:
    """Add a pharmacy, or replace what is told of it. Errors: `LicenceTakenError`."""
    told = row.model_dump(exclude=_KEPT)
    statement = insert(PharmacyRow).values(**row.model_dump())
    try:
        async with session.begin_nested():
            await session.exec(
                statement.on_conflict_do_update(index_elements=[col(PharmacyRow.pharmacy_id)], set_=told)
            )
    except IntegrityError as error:
        raise LicenceTakenError("another pharmacy has that licence number") from error
    found = await session.get(PharmacyRow, row.pharmacy_id, populate_existing=True)
    assert found is not None  # noqa: S101
    return found


async def page(session: AsyncSession, behind: UUID | None, limit: int) -> list[PharmacyRow]:
    """Return at most so many pharmacies, by id."""
    query = select(PharmacyRow).order_by(col(PharmacyRow.pharmacy_id)).limit(limit)
    if behind is not None:
        query = query.where(col(PharmacyRow.pharmacy_id) > behind)
    return list((await session.exec(query)).all())


async def add_staff(session: AsyncSession, pharmacy_id: UUID, account_id: UUID, now: datetime) -> None:
    """An account works at a pharmacy; who does already stays."""
    values = {"pharmacy_id": pharmacy_id, "account_id": account_id, "add_time": now}
    await session.exec(insert(StaffRow).values(**values).on_conflict_do_nothing())


async def remove_staff(session: AsyncSession, pharmacy_id: UUID, account_id: UUID) -> bool:
    """An account does not work there any more; whether it did."""
    condition = col(StaffRow.pharmacy_id) == pharmacy_id, col(StaffRow.account_id) == account_id
    return bool((await session.exec(delete(StaffRow).where(*condition))).rowcount)


async def staff_page(session: AsyncSession, pharmacy_id: UUID, behind: UUID | None, limit: int) -> list[UUID]:
    """At most so many of who works there, by id."""
    query = select(StaffRow.account_id).where(col(StaffRow.pharmacy_id) == pharmacy_id)
    if behind is not None:
        query = query.where(col(StaffRow.account_id) > behind)
    return list((await session.exec(query.order_by(col(StaffRow.account_id)).limit(limit))).all())
