"""The table of accounts that are gone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING


class ClosedAccountRow(SQLModel, table=True):
    """An account that its owner deleted: a call that was under way then opens nothing any more."""

    __tablename__ = "closed_account"
    __retention__ = WORKING

    account_id: UUID = Field(primary_key=True)
    delete_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
