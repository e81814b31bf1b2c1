"""The table of the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Identity,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Column, Field, SQLModel

from kit.retention import accounts


class LedgerEntryRow(SQLModel, table=True):
    """One line of an event that was booked; append-only. Triggers refuse any change, and at a commit an event whose
    lines do not sum to zero."""

    __tablename__ = "ledger_entry"
    __retention__ = accounts()
    __table_args__ = (
        # An event is booked once.
        UniqueConstraint("event", "reference", "line", name="ledger_entry_once"),
        CheckConstraint("amount_minor <> 0", name="ledger_entry_amount"),
        Index("ledger_entry_of_order", "order_id", "entry_id", postgresql_where=text("order_id is not null")),
        Index("ledger_entry_of_account", "account", "owner", "currency", postgresql_include=["amount_minor"]),
    )

    entry_id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`LedgerEvent` of the contract."""
    reference: str = Field(sa_column=Column(Text, nullable=False))
    line: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """Within the event, from 1 on."""
    account: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`AccountKind` of the contract."""
    owner: str = Field(sa_column=Column(Text, nullable=False))
    """Whose account; empty: the platform's."""
    amount_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    """A debit is positive, a credit negative."""
    currency: str = Field(sa_column=Column(Text, nullable=False))
    order_id: UUID | None = None
    time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
