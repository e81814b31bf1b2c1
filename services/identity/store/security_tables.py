"""The tables of an account's recovery, and of what its owner is told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Column, Field, LargeBinary, SQLModel

from kit.retention import ACCOUNT, WORKING
from services.identity.store.sealed import SealedString


class RecoveryCode(SQLModel, table=True):
    """A recovery code that was not used yet."""

    __tablename__ = "recovery_code"
    __retention__ = ACCOUNT

    account_id: UUID = Field(primary_key=True, foreign_key="account.account_id")
    number: int = Field(primary_key=True)
    code_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Keyed (`domain.recovery`)."""


class OwnerNotice(SQLModel, table=True):
    """A message to an account's owner that is still to be sent; gone once it was."""

    __tablename__ = "owner_notice"
    __retention__ = WORKING

    notice_id: UUID = Field(primary_key=True)
    phone: str = Field(sa_column=Column(SealedString("owner_notice.phone"), nullable=False))
    """A copy: the account may be deleted, or have another phone, before the message is sent."""
    language: str
    act: str
    """As in `domain.notices`."""
    tries: int = 0
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    next_try_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))


class AccountChange(SQLModel, table=True):
    """A change of an account that takes two people. The audit's chain keeps who proposed and approved it."""

    __tablename__ = "account_change"
    __retention__ = WORKING

    change_id: UUID = Field(primary_key=True)
    kind: str
    account_id: UUID = Field(foreign_key="account.account_id", index=True)
    reason: str = Field(sa_column=Column(SealedString("account_change.reason"), nullable=False))
    state: str
    proposer_id: UUID
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    approver_id: UUID | None = None
    effective_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
