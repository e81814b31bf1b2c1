"""The tables of pharmacists' reviews."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Integer, LargeBinary, SmallInteger, text
from sqlmodel import Column, Field, SQLModel

from kit.retention import sale
from kit.sealed import SealedBytes, SealedText


class ReviewRow(SQLModel, table=True):
    """A review of an order's prescription."""

    __tablename__ = "review"
    __retention__ = sale()
    __table_args__ = (
        # Whatever the code does: nobody approves without a check.
        CheckConstraint("state <> 4 or (decision <> '' and check_digest <> '')", name="review_is_decided"),
        Index("review_open", "pharmacy_id", "open_time", "order_id", postgresql_where=text("state in (1, 2, 3)")),
        Index("review_of_patient", "patient_id"),
    )

    order_id: UUID = Field(primary_key=True, foreign_key="medicine_order.order_id")
    patient_id: UUID
    pharmacy_id: UUID
    prescription_id: UUID
    prescription_revision: int = Field(sa_column=Column(Integer, nullable=False))
    doctor_id: UUID | None = None
    """The prescriber; None: the prescription does not tell, and so is not valid."""
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`ReviewState` of the contract; 2 claimed, also once the pharmacist's time is over."""
    pharmacist_id: UUID | None = None
    """Who has, or had, it."""
    lease_end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    open_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    check_digest: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    """Of the newest check; empty: none so far."""
    checked: bytes = Field(default=b"", sa_column=Column(SealedBytes("review.checked"), nullable=False))
    """`apricot.pharmacy.v1.ReviewCheck`: the newest check."""
    decision: bytes = Field(default=b"", sa_column=Column(SealedBytes("review.decision"), nullable=False))
    """`apricot.pharmacy.v1.ReviewDecision`; empty: none so far."""
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class QuestionRow(SQLModel, table=True):
    """A question to the prescriber."""

    __tablename__ = "review_question"
    __retention__ = sale("ask_time")
    __table_args__ = (
        Index("review_question_open", "doctor_id", "ask_time", postgresql_where=text("answer_time is null")),
        Index("review_question_of_order", "order_id", "ask_time"),
    )

    question_id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="review.order_id")
    patient_id: UUID
    prescription_id: UUID
    doctor_id: UUID
    """Who is asked."""
    pharmacist_id: UUID
    question: str = Field(sa_column=Column(SealedText("review_question.question"), nullable=False))
    ask_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    answer: str = Field(default="", sa_column=Column(SealedText("review_question.answer"), nullable=False))
    answer_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
