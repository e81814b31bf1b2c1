"""The tables of calls."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, DateTime, ForeignKey, Index, SmallInteger, Uuid, text
from sqlmodel import Column, Field, SQLModel

from kit.retention import clinical


class CallRow(SQLModel, table=True):
    """A call. What was said in it is nowhere."""

    __tablename__ = "call"
    __retention__ = clinical("create_time")
    __table_args__ = (
        Index("call_live", "consultation_id", unique=True, postgresql_where=text("state in (1, 2)")),
        Index("call_ringing", "create_time", postgresql_where=text("state = 1")),
        Index("call_of_consultation", "consultation_id", "create_time"),
    )

    call_id: UUID = Field(primary_key=True)
    consultation_id: UUID
    patient_id: UUID
    caller_id: UUID
    media: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`CallMedia` of the contract."""
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`CallState` of the contract: 1 ringing, 2 active, 3 ended."""
    end_reason: int | None = Field(default=None, sa_column=Column(SmallInteger))
    """`CallEnd` of the contract; None before the end."""
    by_sfu: bool = Field(sa_column=Column(Boolean, nullable=False))
    """Whether its media goes by a room on the SFU; the same for all who take part, whenever they join."""
    ringing_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    """The accounts whom it rings; none once it was answered or is over."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    answer_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class CallParticipantRow(SQLModel, table=True):
    """A person's device in a call. A person is in one call at a time, with one device."""

    __tablename__ = "call_participant"
    __retention__ = clinical("join_time")
    __table_args__ = (
        Index("call_participant_once", "account_id", unique=True, postgresql_where=text("leave_time is null")),
    )

    call_id: UUID = Field(sa_column=Column(ForeignKey("call.call_id"), primary_key=True))
    account_id: UUID = Field(primary_key=True)
    device_id: UUID = Field(primary_key=True)
    consultation_id: UUID
    patient_id: UUID
    join_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    away_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """Since when its stream of the conversation is away; None: it is there, or nobody has looked yet."""
    leave_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """None: is in it."""
