"""Calls' signals: in the order of what is said, and kept no longer than their call."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.store.tables import SignalRow


async def drop_signals(session: AsyncSession, patient_id: UUID, call_id: UUID) -> None:
    """The call has ended: its signals go."""
    await session.exec(
        delete(SignalRow).where(col(SignalRow.call_id) == call_id, col(SignalRow.patient_id) == patient_id)
    )


async def drop_old_signals(session: AsyncSession, before: datetime) -> None:
    """Those of calls that never ended go too, of every patient_id."""
    await session.exec(delete(SignalRow).where(col(SignalRow.create_time) < before))
