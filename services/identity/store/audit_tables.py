"""The tables of the audit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index
from sqlmodel import BigInteger, Column, Field, LargeBinary, SQLModel

from kit.retention import AUDIT, WORKING
from services.identity.store.sealed import SealedString


class AuditEvent(SQLModel, table=True):
    """One link of the audit chain (`domain.audit`). The database refuses to change or delete it."""

    __tablename__ = "audit_event"
    __retention__ = AUDIT
    __table_args__ = (Index("audit_event_patient", "patient_id", "sequence"),)

    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    actor_id: UUID
    action: str
    patient_id: UUID | None = None
    object_id: UUID | None = None
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AuditHead(SQLModel, table=True):
    """The end of the chain, sealed; its row lock is what lets one event at a time be linked."""

    __tablename__ = "audit_head"
    __retention__ = AUDIT
    __table_args__ = (CheckConstraint("id = 1", name="audit_head_only_one"),)

    id: int = Field(default=1, primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    seal: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class AuditCheck(SQLModel, table=True):
    """How far a check of the audit chain has come (`store.audit_checks`)."""

    __tablename__ = "audit_check"
    __retention__ = WORKING

    name: str = Field(primary_key=True)
    checkpoint: str
    """Signed (`domain.verifying`); empty: the beginning."""
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    begin_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    look_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """When it was last at work."""
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it last reached the chain's end; None: it is under way."""
    broken_sequence: int | None = Field(default=None, sa_column=Column(BigInteger))


class HandOver(SQLModel, table=True):
    """That everything kept of a person was handed to an authority. Never changed; its id is made of what it says, and
    the audit's chain covers the id."""

    __tablename__ = "hand_over"
    __retention__ = AUDIT

    hand_over_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(index=True)
    actor_id: UUID
    reason: str = Field(sa_column=Column(SealedString("hand_over.reason"), nullable=False))
    manifest_sha256: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
