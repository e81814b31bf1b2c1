"""Glucose's tables. Messages are kept as the contract's own bytes, beside the columns that SQL asks by."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import REAL
from sqlmodel import Column, Field, SQLModel

from kit.consumer import HandledEvent, ParkedEvent
from kit.idempotency import AnsweredRequest
from kit.outbox import OutboxRow
from kit.pushes import PushRow
from kit.resealing import ResealingRow
from kit.retention import clinical
from kit.sealed import SealedBytes
from services.glucose.store.alert_tables import AlertRow, AlertRulesRow, AlertStateRow
from services.glucose.store.archive_tables import EntryArchiveRow
from services.glucose.store.day_tables import GlucoseDayMarkRow, GlucoseDayRow
from services.glucose.store.photo_tables import PhotoRow
from services.glucose.store.plan_tables import PlanDraftRow, PlanRow, ReminderRow
from services.glucose.store.quota_tables import DiaryQuotaRow

__all__ = [
    "AlertRow",
    "AlertRulesRow",
    "AlertStateRow",
    "AnsweredRequest",
    "DiaryQuotaRow",
    "EntryArchiveRow",
    "EntryRevisionRow",
    "EntryRow",
    "GlucoseDayMarkRow",
    "GlucoseDayRow",
    "HandledEvent",
    "OutboxRow",
    "ParkedEvent",
    "PhotoRow",
    "PlanDraftRow",
    "PlanRow",
    "PushRow",
    "ReminderRow",
    "ResealingRow",
    "TimelineItemRow",
]


class EntryRow(SQLModel, table=True):
    """An entry as it now stands. Old ones lie in `entry_archive`: whoever reads back in time reads both
    (`store/archive.py`)."""

    __tablename__ = "entry"
    __retention__ = clinical(where="current_setting('apricot.moving', true) is distinct from 'on'")
    __table_args__ = (
        # The natural key; by its leading columns also the index of every list by time.
        Index(
            "entry_natural_key",
            "patient_id",
            "time",
            "kind",
            "device",
            "slot",
            unique=True,
            postgresql_where=text("not deleted"),
        ),
    )

    patient_id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True)
    time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    kind: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`EntryKind` of the contract."""
    device: str = Field(sa_column=Column(Text, nullable=False))
    slot: str = Field(sa_column=Column(Text, nullable=False))
    """What else the natural key needs: the insulin's kind, the medicine's name; else empty."""
    utc_offset_minutes: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """The zone's offset at that instant: the patient's wall clock, and so the local day, without a look at the zone."""
    unit: int | None = Field(sa_column=Column(SmallInteger))
    """`GlucoseUnit` of a reading as measured: a reading is classified in its own unit."""
    mg_per_dl: float | None = Field(sa_column=Column(REAL))
    """A reading's canonical value in mg/dL; the value and unit as measured are in the body."""
    revision: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("1")))
    deleted: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=false()))
    note: str = Field(sa_column=Column(Text, nullable=False, server_default=text("''")))
    """Why this revision was made."""
    content_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Tells whether a second upload brings the same, whatever was amended since (BLAKE2b, 16 bytes)."""
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """`apricot.glucose.v1.Entry`."""


class EntryRevisionRow(SQLModel, table=True):
    """An entry as it stood before it was amended or deleted. Never changed; kept as long as the entry."""

    __tablename__ = "entry_revision"
    __retention__ = clinical()

    patient_id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    note: str = Field(sa_column=Column(Text, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class TimelineItemRow(SQLModel, table=True):
    """A step of a patient's timeline. Never changed."""

    __tablename__ = "timeline_item"
    __retention__ = clinical()
    __table_args__ = (
        Index("timeline_item_by_time", "patient_id", "time", "item_id"),
        Index("timeline_item_by_contact", "patient_id", "time", postgresql_where=text("step in (11, 12)")),
    )

    patient_id: UUID = Field(primary_key=True)
    item_id: UUID = Field(primary_key=True)
    time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    step: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """The field of `TimelineItem.step` that is set: 10 alert, 11 comment, 12 plan."""
    actor_id: UUID | None
    """Who did it; none: the platform."""
    body: bytes = Field(sa_column=Column(SealedBytes("timeline_item.body"), nullable=False))
    """`apricot.glucose.v1.TimelineItem`."""
