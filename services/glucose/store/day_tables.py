"""The tables of the daily figures."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING


class GlucoseDayRow(SQLModel, table=True):
    """What a patient's glucose readings of one local day add up to; `store/days.py` says how. Made from `entry`, and
    can be made again from it."""

    __tablename__ = "glucose_day"
    __retention__ = WORKING

    patient_id: UUID = Field(primary_key=True)
    local_date: date = Field(primary_key=True)
    readings_count: int
    very_low_count: int
    low_count: int
    in_range_count: int
    high_count: int
    very_high_count: int
    sum_mg_per_dl: float
    sum_of_squares: float
    """Of the values in mg/dL."""
    covered_minutes: int
    """For how long a sensor's readings stand; 0 where the readings are fingersticks."""
    first_time: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    last_time: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))


class GlucoseDayMarkRow(SQLModel, table=True):
    """Says that a day's readings changed since its figures were made. Triggers on `entry` write it, in the transaction
    of the change itself, whoever makes the change; so the figures of a day without a mark are right."""

    __tablename__ = "glucose_day_mark"
    __retention__ = WORKING

    patient_id: UUID = Field(primary_key=True)
    local_date: date = Field(primary_key=True)
    mark_id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
