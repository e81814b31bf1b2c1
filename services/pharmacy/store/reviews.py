"""Reviews of prescriptions by pharmacists."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain.prescriptions import NotValidError
from services.pharmacy.domain.reviews import LEASE, Act, State, after, standing
from services.pharmacy.store import prescriptions
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.review_tables import QuestionRow, ReviewRow

type Place = tuple[datetime, UUID]
"""In a list: since when, and which."""

_OPEN = [state for state in State if state.is_open]


async def open_review(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The order stands in the pharmacists' queue."""
    if row.prescription_id is None:
        return
    session.add(
        ReviewRow(
            order_id=row.order_id,
            patient_id=row.patient_id,
            pharmacy_id=row.pharmacy_id,
            prescription_id=row.prescription_id,
            prescription_revision=row.prescription_revision,
            doctor_id=await _prescriber(session, row.patient_id, row.prescription_id, row.prescription_revision),
            state=State.QUEUED,
            open_time=now,
        )
    )


async def end_review(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """Nobody has to review it any more; what a pharmacist decided stays."""
    review = await find(session, row.patient_id, row.order_id, lock=True)
    if review is not None and State(review.state).is_open:
        move(review, Act.END, now)


async def find(session: AsyncSession, patient_id: UUID, order_id: UUID, *, lock: bool = False) -> ReviewRow | None:
    """The review of a patient's order; locked, nobody else changes it until the transaction ends."""
    query = select(ReviewRow).where(ReviewRow.patient_id == patient_id, ReviewRow.order_id == order_id)
    return (await session.exec(query.with_for_update() if lock else query)).one_or_none()


async def pending(
    session: AsyncSession, pharmacies: Collection[UUID], behind: Place | None, limit: int
) -> Sequence[ReviewRow]:
    """What waits at these pharmacies, the oldest first, whosever patient_id."""
    place = tuple_(col(ReviewRow.open_time), col(ReviewRow.order_id))
    query = select(ReviewRow).where(
        col(ReviewRow.pharmacy_id).in_(pharmacies), col(ReviewRow.state).in_([int(state) for state in _OPEN])
    )
    if behind is not None:
        query = query.where(place > tuple_(*behind))
    return (await session.exec(query.order_by(*place.clauses).limit(limit))).all()


def standing_of(row: ReviewRow, now: datetime) -> State:
    """Where it stands."""
    return standing(State(row.state), row.lease_end_time, now)


def move(row: ReviewRow, act: Act, now: datetime, *, pharmacist_id: UUID | None = None) -> None:
    """The review as it stands behind an act. Errors: `WrongStateError`."""
    state = after(standing_of(row, now), act)
    row.state, row.end_time = state, None if state.is_open else now
    if act in (Act.CLAIM, Act.RENEW):
        row.pharmacist_id, row.lease_end_time = pharmacist_id, now + LEASE
    elif state.is_open:
        row.pharmacist_id = row.lease_end_time = None


async def questions_of(session: AsyncSession, patient_id: UUID, order_id: UUID) -> Sequence[QuestionRow]:
    """What was asked about an order, in order."""
    query = select(QuestionRow).where(QuestionRow.patient_id == patient_id, QuestionRow.order_id == order_id)
    return (await session.exec(query.order_by(col(QuestionRow.ask_time), col(QuestionRow.question_id)))).all()


async def unanswered(session: AsyncSession, doctor_id: UUID, behind: Place | None, limit: int) -> Sequence[QuestionRow]:
    """What this doctor is asked, whosever patient_id, the oldest first."""
    place = tuple_(col(QuestionRow.ask_time), col(QuestionRow.question_id))
    query = select(QuestionRow).where(QuestionRow.doctor_id == doctor_id, col(QuestionRow.answer_time).is_(None))
    if behind is not None:
        query = query.where(place > tuple_(*behind))
    return (await session.exec(query.order_by(*place.clauses).limit(limit))).all()


async def find_question(session: AsyncSession, doctor_id: UUID, question_id: UUID) -> QuestionRow | None:
    """A question to this doctor, locked, whosever patient_id."""
    query = select(QuestionRow).where(QuestionRow.doctor_id == doctor_id, QuestionRow.question_id == question_id)
    return (await session.exec(query.with_for_update())).one_or_none()


async def find_rejected(session: AsyncSession, doctor_id: UUID, prescription_id: UUID) -> ReviewRow | None:
    """The newest review in which a prescription of this doctor's was rejected."""
    patient_id = await prescriptions.patient_of(session, prescription_id)
    query = select(ReviewRow).where(
        ReviewRow.patient_id == patient_id,
        ReviewRow.prescription_id == prescription_id,
        ReviewRow.doctor_id == doctor_id,
        ReviewRow.state == State.REJECTED,
    )
    return (await session.exec(query.order_by(col(ReviewRow.end_time).desc()).limit(1))).one_or_none()


async def _prescriber(session: AsyncSession, patient_id: UUID, prescription_id: UUID, revision: int) -> UUID | None:
    rows = await prescriptions.revisions(session, patient_id, prescription_id)
    for row in rows:
        if row.revision == revision:
            try:
                return UUID(prescriptions.content_of(row).doctor_id)
            except (NotValidError, ValueError):
                return None
    return None
