"""The table of ratings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, SmallInteger
from sqlmodel import Column, Field, SQLModel

from kit.retention import EXTRAS
from kit.sealed import SealedText


class RatingRow(SQLModel, table=True):
    """What a patient says of a doctor; one for each consultation. Kept as long as the doctor practises here."""

    __tablename__ = "rating"
    __retention__ = EXTRAS
    __table_args__ = (Index("rating_of_doctor", "doctor_id", "create_time"), Index("rating_of_patient", "patient_id"))

    rating_id: UUID = Field(primary_key=True)
    consultation_id: UUID = Field(
        sa_column=Column(ForeignKey("consultation.consultation_id"), nullable=False, unique=True)
    )
    patient_id: UUID
    doctor_id: UUID
    patient_name: str = Field(sa_column=Column(SealedText("rating.patient_name"), nullable=False))
    """Masked."""
    stars: int = Field(sa_column=Column(SmallInteger, nullable=False))
    comment: str = Field(sa_column=Column(SealedText("rating.comment"), nullable=False))
    reply: str = Field(default="", sa_column=Column(SealedText("rating.reply"), nullable=False))
    """Empty: none."""
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`RatingState` of the contract."""
    hiding_reason: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    """`HidingReason` of the contract; 0: not hidden."""
    moderator_id: UUID | None = None
    """Who hid it or showed it again last."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    reply_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
