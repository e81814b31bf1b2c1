"""The table of old entries."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, REAL
from sqlmodel import Column, Field, SQLModel

from kit.retention import clinical


def _array(of: type | object) -> Column[list[object]]:
    return Column(ARRAY(of), nullable=False)  # type: ignore[arg-type]


class EntryArchiveRow(SQLModel, table=True):
    """A patient's month (UTC), frozen: of each column of `entry` an array, in order of time, then of id. Entries that
    were amended or deleted stay in `entry`. By year in partitions. `store/archive.py` reads it; the functions
    `freeze_month` and `thaw_month` (migration `0011_archive.py`) alone write it."""

    __tablename__ = "entry_archive"
    __retention__ = clinical("freeze_time")
    __table_args__ = {"postgresql_partition_by": "range (month)"}

    patient_id: UUID = Field(primary_key=True)
    month: date = Field(primary_key=True)
    """Its first day."""
    entry_ids: list[UUID] = Field(sa_column=_array(Uuid()))
    times: list[datetime] = Field(sa_column=_array(DateTime(timezone=True)))
    kinds: list[int] = Field(sa_column=_array(SmallInteger()))
    devices: list[str] = Field(sa_column=_array(Text()))
    slots: list[str] = Field(sa_column=_array(Text()))
    utc_offsets_minutes: list[int] = Field(sa_column=_array(SmallInteger()))
    units: list[int | None] = Field(sa_column=_array(SmallInteger()))
    values_mg_per_dl: list[float | None] = Field(sa_column=_array(REAL()))
    content_digests: list[bytes] = Field(sa_column=_array(LargeBinary()))
    bodies: list[bytes] = Field(sa_column=_array(LargeBinary()))
    """Without the id that a body begins with: half of what a reading takes."""
    freeze_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """When something was last frozen in it: all of it was recorded before."""
    thaw_time: datetime | None = Field(sa_column=Column(DateTime(timezone=True)))
    """When somebody wrote into the month, and it was thawed: it is not frozen again for a day."""
