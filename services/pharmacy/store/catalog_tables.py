"""The tables of products, of what pharmacies ask for them, and of what stands on their shelves."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING, sale


class ProductRow(SQLModel, table=True):
    """A medicine in one strength and pack."""

    __tablename__ = "product"
    __retention__ = WORKING
    __table_args__ = (Index("product_document", "document", postgresql_using="gin"),)

    product_id: UUID = Field(primary_key=True)
    approval_number: str = Field(sa_column=Column(Text, nullable=False))
    """Of the authority (国药准字 …)."""
    atc_code: str = Field(sa_column=Column(Text, nullable=False, index=True))
    name_zh: str = Field(sa_column=Column(Text, nullable=False))
    """The generic name in Chinese."""
    name_en: str = Field(sa_column=Column(Text, nullable=False))
    pack: str = Field(sa_column=Column(Text, nullable=False))
    """Strength and pack in words, such as "500 mg × 60"."""
    prescription_only: bool = Field(sa_column=Column(Boolean, nullable=False))
    cold_chain: bool = Field(sa_column=Column(Boolean, nullable=False))
    """Whether it has to stay at 2 to 8 °C."""
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """`apricot.pharmacy.v1.ProductContent`: all that is told of it."""
    document: str = Field(default="", sa_column=Column(TSVECTOR, nullable=False, server_default=text("''")))
    """What it is found by, see `documents.py`."""
    update_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class OfferRow(SQLModel, table=True):
    """What a pharmacy asks for a product."""

    __tablename__ = "offer"
    __retention__ = WORKING
    __table_args__ = (
        # With all that a search asks of an offer, so that it reads the index alone.
        Index("offer_of_product", "product_id", "pharmacy_id", postgresql_include=["price_minor", "in_stock_until"]),
        # The orders of a search: the cheapest of all, and the cheapest of one pharmacy.
        Index("offer_by_price", "price_minor", "product_id", "pharmacy_id"),
        Index("offer_of_pharmacy_by_price", "pharmacy_id", "price_minor", "product_id"),
    )

    pharmacy_id: UUID = Field(primary_key=True, foreign_key="pharmacy.pharmacy_id")
    product_id: UUID = Field(primary_key=True, foreign_key="product.product_id")
    price_minor: int = Field(sa_column=Column(Integer, nullable=False))
    """Of one pack, in the pharmacy's currency."""
    in_stock_until: date | None = Field(default=None, sa_column=Column(Date))
    """The last day on which something on the shelf may be used that no order holds; None: nothing is left. Triggers
    keep it by the lots, whoever writes those."""
    update_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class LotRow(SQLModel, table=True):
    """Packs of one lot on a pharmacy's shelf. What is held is still there."""

    __tablename__ = "stock_lot"
    __retention__ = sale("update_time")
    __table_args__ = (
        CheckConstraint("held >= 0 and on_hand >= held", name="stock_lot_counts"),
        UniqueConstraint("pharmacy_id", "product_id", "lot_number", name="stock_lot_number"),
        # First expired, first out.
        Index("stock_lot_next", "pharmacy_id", "product_id", "expiry_date", "lot_id"),
    )

    lot_id: UUID = Field(primary_key=True)
    pharmacy_id: UUID
    product_id: UUID
    lot_number: str = Field(sa_column=Column(Text, nullable=False))
    expiry_date: date = Field(sa_column=Column(Date, nullable=False))
    """The last day it may be used."""
    on_hand: int = Field(sa_column=Column(Integer, nullable=False))
    held: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    """By orders that may still be given up."""
    update_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class HoldRow(SQLModel, table=True):
    """Packs of one lot that stand for one order's item."""

    __tablename__ = "stock_hold"
    __retention__ = WORKING

    order_id: UUID = Field(primary_key=True)
    lot_id: UUID = Field(primary_key=True, foreign_key="stock_lot.lot_id")
    line: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    patient_id: UUID
    quantity: int = Field(sa_column=Column(Integer, nullable=False))
    state: int = Field(default=1, sa_column=Column(SmallInteger, nullable=False))
    """1 held, 2 released, 3 taken."""
