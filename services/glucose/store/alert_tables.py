"""The tables of alerts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Index, LargeBinary, SmallInteger, text
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING, clinical


class AlertRow(SQLModel, table=True):
    """An alert as it now stands."""

    __tablename__ = "alert"
    __retention__ = clinical("raise_time")
    __table_args__ = (
        Index("alert_one_active", "patient_id", "rule", unique=True, postgresql_where=text("resolve_time is null")),
        Index("alert_live", "patient_id", "live_until"),
        Index("alert_by_time", "patient_id", "raise_time", "alert_id"),
    )

    patient_id: UUID = Field(primary_key=True)
    alert_id: UUID = Field(primary_key=True)
    rule: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`AlertRule` of the contract."""
    raise_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    resolve_time: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    live_until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """Until when the evaluation needs it: for ever while it is active, then as long as a snooze of it lasts."""
    cause_entry_id: UUID | None
    acknowledged: bool = Field(sa_column=Column(Boolean, nullable=False))
    """Whether anybody has it."""
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """`apricot.glucose.v1.Alert`."""


class AlertStateRow(SQLModel, table=True):
    """A patient whose readings are looked at. Who holds its lock works on the patient's alerts."""

    __tablename__ = "alert_state"
    __retention__ = WORKING
    __table_args__ = (Index("alert_state_due", "due_time"),)

    patient_id: UUID = Field(primary_key=True)
    due_time: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    """When to look again though nothing came; never later than needed, sometimes earlier."""


class AlertRulesRow(SQLModel, table=True):
    """A revision of a patient's alert rules; the highest is in force. Never changed."""

    __tablename__ = "alert_rules"
    __retention__ = clinical("update_time")

    patient_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    author_id: UUID
    update_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """`apricot.glucose.v1.AlertRules`."""
