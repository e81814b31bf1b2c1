"""The table of quotes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Index, Uuid
from sqlmodel import Column, Field, SQLModel

from kit.retention import EXTRAS
from kit.sealed import SealedBytes, SealedText

BUYER_NAME, CONTENT = "quote.buyer_name", "quote.content"
"""The sealed columns."""


class QuoteRow(SQLModel, table=True):
    """What an order would be. Gone after a day; the order that comes of it has all of it, and the same id."""

    __tablename__ = "quote"
    __retention__ = EXTRAS
    __table_args__ = (Index("quote_expire_time", "expire_time"),)

    quote_id: UUID = Field(primary_key=True)
    patient_id: UUID
    """The buyer."""
    pharmacy_id: UUID
    product_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    """Of its items, in their order."""
    buyer_name: str = Field(sa_column=Column(SealedText(BUYER_NAME), nullable=False))
    content: bytes = Field(sa_column=Column(SealedBytes(CONTENT), nullable=False))
    """`apricot.pharmacy.v1.Quote`."""
    expire_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
