"""Who works where."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.pharmacy_tables import StaffRow


async def works_at(session: AsyncSession, account_id: UUID, pharmacy_id: UUID) -> bool:
    """Whether this account is of the pharmacy's staff."""
    return await session.get(StaffRow, (pharmacy_id, account_id)) is not None


async def pharmacies_of(session: AsyncSession, account_id: UUID) -> list[UUID]:
    """Where this account works."""
    query = select(StaffRow.pharmacy_id).where(col(StaffRow.account_id) == account_id)
    return list((await session.exec(query)).all())


async def staff_of(session: AsyncSession, pharmacy_id: UUID) -> list[UUID]:
    """Who works there."""
    query = select(StaffRow.account_id).where(col(StaffRow.pharmacy_id) == pharmacy_id)
    return list((await session.exec(query)).all())
