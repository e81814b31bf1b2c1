"""The table of what diaries have used of their quota; `quotas.py` keeps it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Column, Field, SQLModel

from kit.retention import working


class DiaryQuotaRow(SQLModel, table=True):
    """How full a patient's quota is."""

    __tablename__ = "diary_quota"
    __retention__ = working("empty_at", "1 day")

    patient_id: UUID = Field(primary_key=True)
    empty_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """When everything that was used will have come back; from then on the row says nothing."""
