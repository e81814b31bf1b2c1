"""Accounts that are gone, and what goes with them. What the law wants kept of a sale stays."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.account_tables import DeletedAccountRow
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.quote_tables import QuoteRow


async def note(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    """This account is gone."""
    await session.exec(
        insert(DeletedAccountRow).values(account_id=account_id, delete_time=now).on_conflict_do_nothing()
    )


async def is_deleted(session: AsyncSession, account_id: UUID) -> bool:
    """Whether this account is gone."""
    return await session.get(DeletedAccountRow, account_id) is not None


async def forget_quotes(session: AsyncSession, patient_id: UUID) -> None:
    """What the patient asked the price of."""
    await session.exec(delete(QuoteRow).where(col(QuoteRow.patient_id) == patient_id))


async def forget_addresses(session: AsyncSession) -> None:
    """Where the orders that have ended went, of each patient_id whose account is gone."""
    gone = select(DeletedAccountRow.account_id)
    has_address = func.length(col(OrderRow.address)) > 0
    statement = update(OrderRow).where(
        col(OrderRow.patient_id).in_(gone), col(OrderRow.end_time).is_not(None), has_address
    )
    await session.exec(statement.values(address=b"", latitude=0, longitude=0))
