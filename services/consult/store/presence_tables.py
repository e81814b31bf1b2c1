"""The tables of who is in which conversation now. A crash may empty them: whoever is there says so again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, func
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING


class StreamProcessRow(SQLModel, table=True):
    """A process that holds open streams."""

    __tablename__ = "stream_process"
    __retention__ = WORKING
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    process_id: UUID = Field(primary_key=True)
    """Made at its start."""
    seen_time: datetime = Field(
        sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False),
    )
    """When it last said that it lives; its streams are gone when that is too long ago."""


class OpenStreamRow(SQLModel, table=True):
    """A device that is in a conversation. A device that joins again takes the place of its earlier stream."""

    __tablename__ = "open_stream"
    __retention__ = WORKING
    __table_args__ = (Index("open_stream_of_process", "process_id"), {"prefixes": ["UNLOGGED"]})

    consultation_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    device_id: UUID = Field(primary_key=True)
    patient_id: UUID
    stream_id: UUID
    process_id: UUID
    enter_time: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False)
    )
