"""The tables of plans."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, SmallInteger, text
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING, clinical
from kit.sealed import SealedBytes, SealedText


class PlanRow(SQLModel, table=True):
    """One revision of a plan. What was written is never changed (a trigger refuses it); where it stands is beside.
    ."""

    __tablename__ = "plan_revision"
    __retention__ = clinical("create_time")
    __table_args__ = (
        Index("plan_in_force", "patient_id", unique=True, postgresql_where=text("state = 2")),
        Index("plan_waiting", "patient_id", unique=True, postgresql_where=text("state = 1")),
        Index("plan_revision_by_time", "patient_id", "create_time", "plan_id", "revision"),
    )

    patient_id: UUID = Field(primary_key=True)
    plan_id: UUID = Field(primary_key=True)
    revision: int = Field(sa_column=Column(Integer, primary_key=True))
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    item_id: UUID
    """The timeline's item that tells of it."""
    body: bytes = Field(sa_column=Column(SealedBytes("plan_revision.body"), nullable=False))
    """`apricot.glucose.v1.Plan`, as written."""
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`PlanState` of the contract: 1 proposed, 2 in force, 3 declined, 4 ended."""
    answer_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    answer_note: str = Field(default="", sa_column=Column(SealedText("plan_revision.answer_note"), nullable=False))
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class PlanDraftRow(SQLModel, table=True):
    """Suggestions as they were made."""

    __tablename__ = "plan_draft"
    __retention__ = clinical("create_time")

    patient_id: UUID = Field(primary_key=True)
    draft_id: UUID = Field(primary_key=True)
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    body: bytes = Field(sa_column=Column(SealedBytes("plan_draft.body"), nullable=False))
    """`apricot.glucose.v1.PlanDraft`."""


class ReminderRow(SQLModel, table=True):
    """When the plan in force next asks for something. One row for each patient whose plan has times of day."""

    __tablename__ = "reminder"
    __retention__ = WORKING
    __table_args__ = (Index("reminder_due", "due_time"),)

    patient_id: UUID = Field(primary_key=True)
    plan_id: UUID
    revision: int = Field(sa_column=Column(Integer, nullable=False))
    due_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
