"""Ratings, and what they and the messages tell of a doctor. Each query names the patient or the doctor."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, text, tuple_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.domain.ratings import UNCOUNTED, State, score
from services.consult.store.rating_tables import RatingRow

type Place = tuple[datetime, UUID]
"""When it was given, and its id."""

_ANSWER_MINUTES = text("""
    select percentile_cont(0.5) within group (order by greatest(waited, 0)) / 60
    from (
        select extract(epoch from min(message.create_time)
                       - case when consultation.pool then claim_time else consultation.create_time end) as waited
        from consultation join message using (consultation_id)
        where doctor_id = :doctor_id and sender_id = :doctor_id and claim_time >= :since
          and message.patient_id = consultation.patient_id and (not consultation.pool or sequence > claim_sequence)
        group by consultation.consultation_id
    ) as answer
""")
"""Who chose the doctor waits from the opening on; who asked the pool waits for this doctor from the claim on."""


class Score(NamedTuple):
    """What patients think of a doctor."""

    average: float
    """1 to 5, see `domain.ratings.score`; 0: there is none."""
    rating_count: int
    """Of the ratings that count."""


async def find_of_consultation(session: AsyncSession, patient_id: UUID, consultation_id: UUID) -> RatingRow | None:
    """The patient's rating of a consultation."""
    statement = select(RatingRow).where(
        RatingRow.patient_id == patient_id, RatingRow.consultation_id == consultation_id
    )
    return (await session.exec(statement)).one_or_none()


async def lock(session: AsyncSession, rating_id: UUID) -> RatingRow | None:
    """A rating, whoever's patient_id it carries: it is public. Nobody else changes it until the transaction ends."""
    return (
        await session.exec(select(RatingRow).where(RatingRow.rating_id == rating_id).with_for_update())
    ).one_or_none()


async def list_published(
    session: AsyncSession, doctor_id: UUID, limit: int, behind: Place | None = None
) -> Sequence[RatingRow]:
    """What everybody may read of a doctor, newest first; no patient_id is shown with it."""
    place = tuple_(col(RatingRow.create_time), col(RatingRow.rating_id))
    statement = select(RatingRow).where(RatingRow.doctor_id == doctor_id, RatingRow.state == State.PUBLISHED)
    if behind is not None:
        statement = statement.where(place < tuple_(*behind))
    return (await session.exec(statement.order_by(*(part.desc() for part in place.clauses)).limit(limit))).all()


async def lock_score(session: AsyncSession, doctor_id: UUID) -> None:
    """One change of a doctor's score at a time, to the end of the transaction."""
    key = {"key": f"score of account_id {doctor_id}"}
    await (await session.connection()).execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)


async def score_of(session: AsyncSession, doctor_id: UUID) -> Score:
    """From all of a doctor's ratings that count, whichever patient_id they carry."""
    statement = select(func.coalesce(func.sum(RatingRow.stars), 0), func.count()).where(
        RatingRow.doctor_id == doctor_id, col(RatingRow.hiding_reason).not_in(UNCOUNTED)
    )
    stars_sum, count = (await session.exec(statement)).one()
    return Score(score(stars_sum, count) if count else 0.0, count)


async def answer_minutes(session: AsyncSession, doctor_id: UUID, since: datetime) -> float | None:
    """The median of the minutes that patients waited for the doctor's first message, over what the doctor took since
    then; None: there is nothing to tell."""
    values = {"doctor_id": doctor_id, "since": since}
    median: float | None = (await (await session.connection()).execute(_ANSWER_MINUTES, values)).scalar_one()
    return median


async def forget_words(session: AsyncSession, patient_id: UUID) -> None:
    """The patient's name and words go; the stars stay."""
    await session.exec(
        update(RatingRow).where(col(RatingRow.patient_id) == patient_id).values(patient_name="", comment="")
    )
