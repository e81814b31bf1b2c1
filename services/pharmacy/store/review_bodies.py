"""Reviews as the contract has them."""

from collections.abc import Sequence
from datetime import datetime

from apricot.pharmacy.v1.review_pb2 import Review, ReviewDecision, ReviewQuestion, ReviewState
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_timestamp
from services.pharmacy.domain.reviews import State
from services.pharmacy.store.review_tables import QuestionRow, ReviewRow
from services.pharmacy.store.reviews import questions_of, standing_of


async def whole_review(session: AsyncSession, row: ReviewRow, now: datetime) -> Review:
    """A review with what was asked and decided, for one who may see the patient's data."""
    questions = await questions_of(session, row.patient_id, row.order_id)
    return review_message(row, now, questions)


def review_message(row: ReviewRow, now: datetime, questions: Sequence[QuestionRow] = ()) -> Review:
    """A review; without the questions nothing of the patient is in it while it is open."""
    state = standing_of(row, now)
    is_claimed = state is State.CLAIMED and row.lease_end_time is not None
    return Review(
        order_id=str(row.order_id),
        pharmacy_id=str(row.pharmacy_id),
        prescription_id=str(row.prescription_id),
        prescription_revision=row.prescription_revision,
        state=ReviewState.ValueType(state),
        pharmacist_id=str(row.pharmacist_id) if is_claimed else "",
        lease_end_time=to_timestamp(row.lease_end_time) if is_claimed and row.lease_end_time else None,
        open_time=to_timestamp(row.open_time),
        questions=map(question_message, questions),
        decision=ReviewDecision.FromString(row.decision) if row.decision else None,
    )


def question_message(row: QuestionRow) -> ReviewQuestion:
    """A question, and its answer where there is one."""
    return ReviewQuestion(
        question_id=str(row.question_id),
        order_id=str(row.order_id),
        prescription_id=str(row.prescription_id),
        pharmacist_id=str(row.pharmacist_id),
        question=row.question,
        ask_time=to_timestamp(row.ask_time),
        answer=row.answer,
        answer_time=to_timestamp(row.answer_time) if row.answer_time else None,
    )
