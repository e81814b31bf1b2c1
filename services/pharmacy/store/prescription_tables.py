"""The tables of prescriptions, as consult told of them, and of the orders that use them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, LargeBinary, SmallInteger, text
from sqlmodel import Column, Field, SQLModel

from kit.retention import sale
from kit.sealed import SealedSigned


class PrescriptionRow(SQLModel, table=True):
    """One revision of a prescription, a copy."""

    __tablename__ = "prescription"
    __retention__ = sale()
    __table_args__ = (Index("prescription_of_patient", "patient_id"),)

    prescription_id: UUID = Field(primary_key=True)
    revision: int = Field(sa_column=Column(Integer, primary_key=True))
    patient_id: UUID
    signed_content: bytes = Field(sa_column=Column(SealedSigned("prescription.signed_content"), nullable=False))
    """`apricot.consult.v1.PrescriptionContent`: the bytes that were signed."""
    signature: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    key_id: UUID
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """1 issued, 2 replaced, 3 revoked, 4 rejected by a pharmacist."""


class ClaimRow(SQLModel, table=True):
    """That an order uses a prescription."""

    __tablename__ = "prescription_claim"
    __retention__ = sale("claim_time")
    __table_args__ = (
        # Whatever the code does: each dispensing is one order's.
        Index("prescription_claim_once", "prescription_id", "number", unique=True, postgresql_where=text("state <> 2")),
    )

    order_id: UUID = Field(primary_key=True)
    patient_id: UUID
    prescription_id: UUID
    revision: int = Field(sa_column=Column(Integer, nullable=False))
    number: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """Which dispensing of the prescription, from 1 on."""
    duration_days: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """How long it lasts."""
    state: int = Field(default=1, sa_column=Column(SmallInteger, nullable=False))
    """1 live, 2 released, 3 used."""
    claim_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it was released or used."""
