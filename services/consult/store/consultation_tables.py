"""The tables of consultations and who takes part."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, DateTime, Index, SmallInteger, Text, text
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING, clinical
from kit.sealed import SealedBytes, SealedText


class ConsultationRow(SQLModel, table=True):
    """A consultation."""

    __tablename__ = "consultation"
    __retention__ = clinical("create_time")
    __table_args__ = (
        Index("consultation_pool", "department_code", postgresql_where=text("state = 1 and pool")),
        Index("consultation_due", "expire_time", postgresql_where=text("state in (1, 2)")),
        Index("consultation_of_patient", "patient_id", "create_time"),
        Index("consultation_open_of_doctor", "doctor_id", postgresql_where=text("state in (1, 2)")),
        Index("consultation_of_doctor", "doctor_id", "claim_time"),
    )

    consultation_id: UUID = Field(primary_key=True)
    patient_id: UUID
    patient_name: str = Field(sa_column=Column(SealedText("consultation.patient_name"), nullable=False))
    patient_age_years: int | None = Field(default=None, sa_column=Column(SmallInteger))
    doctor_id: UUID | None = None
    """Who was chosen or has taken it; None: still anybody's in the pool."""
    department_code: str = Field(sa_column=Column(Text, nullable=False))
    mode: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`ConsultationMode` of the contract."""
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`ConsultationState` of the contract: 1 waiting, 2 active, then the ends."""
    pool: bool = Field(sa_column=Column(Boolean, nullable=False))
    escalation_level: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    complaint: str = Field(sa_column=Column(SealedText("consultation.complaint"), nullable=False))
    fee_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str = Field(sa_column=Column(Text, nullable=False))
    fee_state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`FeeState` of the contract."""
    shared_scopes: list[int] = Field(sa_column=Column(ARRAY(SmallInteger), nullable=False))
    """`Scope`s of the contract."""
    guardian: bytes | None = Field(default=None, sa_column=Column(SealedBytes("consultation.guardian")))
    """`apricot.consult.v1.Guardian`; None: the patient speaks."""
    eligibility: bytes | None = Field(default=None, sa_column=Column(SealedBytes("consultation.eligibility")))
    """`apricot.consult.v1.Eligibility`; None: not decided."""
    outcome: bytes | None = Field(default=None, sa_column=Column(SealedBytes("consultation.outcome")))
    """`apricot.consult.v1.Outcome`; None: none yet."""
    last_sequence: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """The last place given in the conversation's order."""
    appointment_id: UUID | None = None
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    claim_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    claim_sequence: int | None = Field(default=None, sa_column=Column(BigInteger))
    """The place of the notice that a doctor has taken it: what the doctor writes behind it is an answer."""
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    expire_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it is to be looked at whether it has expired: no later than it has; None once it ended."""
    update_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class MemberRow(SQLModel, table=True):
    """Somebody who takes part, and how far the messages have come with them."""

    __tablename__ = "member"
    __retention__ = WORKING
    __table_args__ = (
        Index("member_of_account", "account_id", "consultation_id"),
        Index("member_colleague", "account_id", postgresql_where=text("role = 3")),
    )

    consultation_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    patient_id: UUID
    role: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`MemberRole` of the contract: 1 patient, 2 doctor, 3 colleague."""
    display_name: str = Field(sa_column=Column(SealedText("member.display_name"), nullable=False))
    join_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    delivered_sequence: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    read_sequence: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
