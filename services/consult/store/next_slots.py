"""A doctor's next slot with a free place, which the directory shows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, union
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.store.booking_tables import AppointmentRow, SlotRow, WaitingRow
from services.consult.store.doctors import set_next_slot
from services.consult.store.slots import has_a_free_place


async def next_free_slot(session: AsyncSession, doctor: UUID, now: datetime) -> datetime | None:
    """When the doctor's next slot with a free place begins."""
    query = select(func.min(SlotRow.start_time)).where(
        SlotRow.doctor_id == doctor,
        col(SlotRow.withdraw_time).is_(None),
        col(SlotRow.start_time) > now,
        has_a_free_place(),
    )
    return (await session.exec(query)).one()


async def tell_next_slot(session: AsyncSession, doctor: UUID, now: datetime) -> None:
    """Called in each transaction that fills a slot, or frees, publishes or withdraws one, and by the worker for what
    passes: what the directory shows of the doctor from now on."""
    await set_next_slot(session, doctor, await next_free_slot(session, doctor, now))


async def doctors_to_tell(session: AsyncSession, since: datetime, now: datetime) -> Sequence[UUID]:
    """The doctors of whom a slot began, or an appointment or entry changed, since then, whoever the patient_id: two who
    take the last two places side by side do not see each other's."""
    begun = select(SlotRow.doctor_id).where(col(SlotRow.start_time) > since, col(SlotRow.start_time) <= now)
    booked = select(AppointmentRow.doctor_id).where(col(AppointmentRow.update_time) > since)
    offered = select(WaitingRow.doctor_id).where(col(WaitingRow.update_time) > since)
    found = await (await session.connection()).execute(union(begun, booked, offered))
    return found.scalars().all()
