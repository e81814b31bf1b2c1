"""The tables of hospitals and doctors."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, SmallInteger, Text
from sqlmodel import Column, Field, SQLModel


class HospitalRow(SQLModel, table=True):
    """A hospital."""

    __tablename__ = "hospital"

    hospital_id: UUID = Field(primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False))
    """In Chinese."""
    name_en: str = Field(sa_column=Column(Text, nullable=False))
    grade: str = Field(sa_column=Column(Text, nullable=False))
    """As the state grades it, such as "3A"; empty: none."""
    city: str = Field(sa_column=Column(Text, nullable=False))


class DoctorRow(SQLModel, table=True):
    """A doctor: who, by identity's licence (a copy, kept fresh by its events), and how the doctor practises here."""

    __tablename__ = "doctor"

    doctor_id: UUID = Field(primary_key=True)
    """The account."""
    display_name: str = Field(sa_column=Column(Text, nullable=False))
    title: str = Field(sa_column=Column(Text, nullable=False))
    licence_end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When the licence ends or ended; None: there is none that is approved."""
    first_registration_date: date | None = None
    """In the profession; None: not told."""
    hospital_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("hospital.hospital_id")))
    department_code: str = Field(sa_column=Column(Text, nullable=False, index=True))
    listed: bool = False
    """Whether patients find the doctor and may ask."""


class DoctorModeRow(SQLModel, table=True):
    """A way in which a doctor takes consultations, and what it costs."""

    __tablename__ = "doctor_mode"

    doctor_id: UUID = Field(sa_column=Column(ForeignKey("doctor.doctor_id", ondelete="cascade"), primary_key=True))
    mode: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    """`ConsultationMode` of the contract."""
    fee_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    """In the currency's minor unit; 0: free."""
    currency: str = Field(sa_column=Column(Text, nullable=False))
    """ISO 4217."""
