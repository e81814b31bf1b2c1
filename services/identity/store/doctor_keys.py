"""The keys by which professionals sign."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.store.tables import DoctorKey


async def present(session: AsyncSession, account_id: UUID) -> DoctorKey | None:
    """The key that signs for an account now."""
    statement = select(DoctorKey).where(DoctorKey.account_id == account_id, col(DoctorKey.end_time).is_(None))
    return (await session.exec(statement)).one_or_none()


async def retire(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    """It signs no more, and stays published."""
    statement = update(DoctorKey).where(col(DoctorKey.account_id) == account_id, col(DoctorKey.end_time).is_(None))
    await session.exec(statement.values(end_time=now))


async def page(
    session: AsyncSession, key_ids: Iterable[UUID], account_id: UUID | None, after: UUID | None, size: int
) -> Sequence[DoctorKey]:
    """Keys by their ids: those named or all, one account's or everybody's."""
    statement = select(DoctorKey).order_by(col(DoctorKey.key_id)).limit(size)
    if named := list(key_ids):
        statement = statement.where(col(DoctorKey.key_id).in_(named))
    if account_id is not None:
        statement = statement.where(DoctorKey.account_id == account_id)
    if after is not None:
        statement = statement.where(col(DoctorKey.key_id) > after)
    return (await session.exec(statement)).all()
