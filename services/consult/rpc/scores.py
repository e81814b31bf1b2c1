"""What consultations tell of a doctor, as the directory shows it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.store import doctors
from services.consult.store import ratings as store

_RECENT = timedelta(days=90)


async def tell_score(session: AsyncSession, doctor_id: UUID) -> None:
    """The doctor's ratings have changed."""
    await session.flush()
    await store.lock_score(session, doctor_id)
    score = await store.score_of(session, doctor_id)
    await doctors.set_rating(session, doctor_id, score.average, score.rating_count)


async def tell_answer_minutes(session: AsyncSession, doctor_id: UUID, now: datetime) -> None:
    """The doctor has ended a consultation."""
    await doctors.set_answer_minutes(session, doctor_id, await store.answer_minutes(session, doctor_id, now - _RECENT))
