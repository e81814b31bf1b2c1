"""Devices in calls that are no longer in the conversation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.store.tables import CallParticipantRow

_NOTE_AWAY = """
with changed as (
  select call_id, account_id, device_id from call_participant as device
  where leave_time is null and (away_time is not null) = exists (
    select from present_device as present where present.consultation_id = device.consultation_id
    and present.account_id = device.account_id and present.device_id = device.device_id
  )
  for no key update of device skip locked
)
update call_participant as device set away_time = case when away_time is null then cast(:now as timestamptz) end
from changed where device.call_id = changed.call_id and device.account_id = changed.account_id
and device.device_id = changed.device_id
"""
"""Whoever changes a call holds its devices one after the other; those are left for the next look, or the two would wait
for each other."""


async def note_away(session: AsyncSession, now: datetime) -> None:
    """Write down since when devices in calls are away, and which came back."""
    await (await session.connection()).execute(text(_NOTE_AWAY), {"now": now})


async def away_since(session: AsyncSession, before: datetime, most: int) -> list[CallParticipantRow]:
    """Devices of any patient_id's calls that are away since then or longer."""
    query = select(CallParticipantRow).where(
        col(CallParticipantRow.leave_time).is_(None), col(CallParticipantRow.away_time) <= before
    )
    return list((await session.exec(query.order_by(col(CallParticipantRow.away_time)).limit(most))).all())


async def is_away(session: AsyncSession, call_id: UUID, account_id: UUID, before: datetime) -> bool:
    """Whether the account's device in this call still is."""
    query = select(CallParticipantRow.device_id).where(
        CallParticipantRow.account_id == account_id,
        CallParticipantRow.call_id == call_id,
        col(CallParticipantRow.leave_time).is_(None),
        col(CallParticipantRow.away_time) <= before,
    )
    return (await session.exec(query)).first() is not None
