"""The tables of prescriptions and of what a doctor has to know before prescribing."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, LargeBinary, SmallInteger, text
from sqlmodel import Column, Field, SQLModel

from kit.retention import clinical
from kit.sealed import SealedBytes, SealedSigned, SealedText


class PrescriptionRow(SQLModel, table=True):
    """One revision of a prescription. What was signed is never changed, and what has ended stays so, but that what was
    dispensed may come back, and that a doctor may revise or revoke what was rejected (a trigger refuses it)."""

    __tablename__ = "prescription_revision"
    __retention__ = clinical()
    __table_args__ = (
        Index("prescription_in_force", "prescription_id", unique=True, postgresql_where=text("state in (1, 6)")),
        Index("prescription_of_patient", "patient_id", "create_time"),
        Index("prescription_of_consultation", "consultation_id", "create_time"),
    )

    prescription_id: UUID = Field(primary_key=True)
    revision: int = Field(sa_column=Column(Integer, primary_key=True))
    patient_id: UUID
    consultation_id: UUID
    doctor_id: UUID
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expire_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    signed_content: bytes = Field(
        sa_column=Column(SealedSigned("prescription_revision.signed_content"), nullable=False)
    )
    """`apricot.consult.v1.PrescriptionContent`: the bytes that were signed."""
    signature: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    key_id: UUID
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`PrescriptionState` of the contract: 1 issued, also once its time is over; 2 replaced, 3 revoked, 5
    dispensed, 6 repeating, 7 rejected."""
    dispense_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When a pharmacy last handed it out."""
    return_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When what a pharmacy handed out came back for the last time."""
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    revoke_reason: str = Field(
        default="", sa_column=Column(SealedText("prescription_revision.revoke_reason"), nullable=False)
    )
    reject_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When a pharmacist rejected it."""
    reject_reason: str = Field(
        default="",
        sa_column=Column(SealedText("prescription_revision.reject_reason"), nullable=False, server_default=""),
    )


class HealthRecordRow(SQLModel, table=True):
    """One revision of a patient's health record; append-only."""

    __tablename__ = "health_record_revision"
    __retention__ = clinical()

    patient_id: UUID = Field(primary_key=True)
    revision: int = Field(sa_column=Column(Integer, primary_key=True))
    author_id: UUID
    author_name: str = Field(
        default="",
        sa_column=Column(SealedText("health_record_revision.author_name"), nullable=False, server_default=""),
    )
    """A doctor's, as others saw it then; the patient's own revisions have none."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    facts: bytes = Field(sa_column=Column(SealedBytes("health_record_revision.facts"), nullable=False))
    """`apricot.consult.v1.HealthFacts`."""
