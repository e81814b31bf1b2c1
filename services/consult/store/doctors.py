"""Doctors and the modes in which they take consultations. What a search orders by is written by whoever knows it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.store.tables import DoctorRow

FEES = {1: "text_fee_minor", 2: "voice_fee_minor", 3: "video_fee_minor"}
"""Where `doctor` has the fee of each `ConsultationMode`."""
_LOCK = text(
    "select pg_advisory_xact_lock(hashtextextended('doctor ' || id, 0)) from unnest(cast(:ids as text[])) as id"
)


async def lock(session: AsyncSession, doctor_ids: Collection[UUID]) -> None:
    """Nobody else writes what identity says of these, or what they are found by, until the transaction ends: of two who
    asked, the later answer stands. It comes before the locks of hospitals and rows."""
    await (await session.connection()).execute(_LOCK, {"ids": sorted(map(str, doctor_ids))})


async def set_next_slot(session: AsyncSession, doctor_id: UUID, next_slot_time: datetime | None) -> None:
    """When the doctor's next free slot begins; None: there is none."""
    await session.exec(
        update(DoctorRow).where(col(DoctorRow.doctor_id) == doctor_id).values(next_slot_time=next_slot_time)
    )


async def set_rating(session: AsyncSession, doctor_id: UUID, average: float, count: int) -> None:
    """The Bayesian average of the stars, and how many patients gave some; 0 and 0: none yet."""
    await session.exec(
        update(DoctorRow)
        .where(col(DoctorRow.doctor_id) == doctor_id)
        .values(rating_average=average, rating_count=count)
    )


async def set_answer_minutes(session: AsyncSession, doctor_id: UUID, median: float | None) -> None:
    """The median of the minutes until an answer; None: not known."""
    await session.exec(update(DoctorRow).where(col(DoctorRow.doctor_id) == doctor_id).values(answer_minutes=median))
