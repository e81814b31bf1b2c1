"""What consultations tell of a doctor, for whoever shows doctors."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.store import ratings as store

type KeepScore = Callable[[AsyncSession, UUID, float, int], Awaitable[None]]
"""Keeps a doctor's score, and of how many ratings it is; 0 and 0: there are none."""
type KeepAnswerMinutes = Callable[[AsyncSession, UUID, float | None], Awaitable[None]]
"""Keeps the median of the minutes until the doctor answers; None: there is nothing to tell."""

_RECENT = timedelta(days=90)


async def kept_nowhere(session: AsyncSession, doctor_id: UUID, *figures: float | None) -> None:
    """Where nobody shows it."""


async def tell_score(session: AsyncSession, doctor_id: UUID, keep: KeepScore) -> None:
    """The doctor's ratings have changed."""
    await session.flush()
    await store.lock_score(session, doctor_id)
    score = await store.score_of(session, doctor_id)
    await keep(session, doctor_id, score.average, score.rating_count)


async def tell_answer_minutes(session: AsyncSession, doctor_id: UUID, now: datetime, keep: KeepAnswerMinutes) -> None:
    """The doctor has ended a consultation."""
    await keep(session, doctor_id, await store.answer_minutes(session, doctor_id, now - _RECENT))
