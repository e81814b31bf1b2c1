"""The tables of orders."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Float,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlmodel import Column, Field, SQLModel

from kit.retention import sale
from kit.sealed import SealedBytes, SealedText


class OrderRow(SQLModel, table=True):
    """An order."""

    __tablename__ = "medicine_order"
    __retention__ = sale("create_time")
    __table_args__ = (
        # Whatever the code does: nothing on a prescription is packed before a pharmacist has approved it.
        CheckConstraint(
            "state not in (3, 4, 5, 6, 7, 8, 9) or not needs_review or approved", name="medicine_order_is_approved"
        ),
        CheckConstraint("needs_review = (prescription_id is not null)", name="medicine_order_review"),
        Index("medicine_order_of_patient", "patient_id", "create_time"),
        Index("medicine_order_of_pharmacy", "pharmacy_id", "state", "create_time"),
        Index("medicine_order_due", "due_time", postgresql_where=text("due_time is not null")),
    )

    order_id: UUID = Field(primary_key=True)
    patient_id: UUID
    pharmacy_id: UUID
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`OrderState` of the contract."""
    prescription_id: UUID | None = None
    prescription_revision: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    needs_review: bool = Field(sa_column=Column(Boolean, nullable=False))
    approved: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
    goods_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    delivery_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str = Field(sa_column=Column(Text, nullable=False))
    buyer_name: str = Field(sa_column=Column(SealedText("medicine_order.buyer_name"), nullable=False))
    """The buyer's real name, as the law wants."""
    address: bytes = Field(sa_column=Column(SealedBytes("medicine_order.address"), nullable=False))
    """`apricot.pharmacy.v1.Address`."""
    latitude: float = Field(sa_column=Column(Float, nullable=False))
    """About where the door is, for the release before, which offers jobs by it; the address alone tells more."""
    longitude: float = Field(sa_column=Column(Float, nullable=False))
    distance_metres: int = Field(sa_column=Column(Integer, nullable=False))
    cold_chain: bool = Field(sa_column=Column(Boolean, nullable=False))
    courier_id: UUID | None = None
    last_sequence: int = Field(sa_column=Column(Integer, nullable=False))
    """Of its steps."""
    return_reason: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default="0"))
    """`ReturnReason` of the contract; 0: nothing was ever given back."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    update_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    due_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When time alone moves it."""
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class OrderItemRow(SQLModel, table=True):
    """One medicine of an order, as it was when ordered."""

    __tablename__ = "order_item"
    __retention__ = sale()

    order_id: UUID = Field(primary_key=True, foreign_key="medicine_order.order_id")
    line: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    """From 1 on."""
    patient_id: UUID
    product_id: UUID
    quantity: int = Field(sa_column=Column(Integer, nullable=False))
    price_minor: int = Field(sa_column=Column(Integer, nullable=False))
    name_zh: str = Field(sa_column=Column(Text, nullable=False))
    name_en: str = Field(sa_column=Column(Text, nullable=False))
    atc_code: str = Field(sa_column=Column(Text, nullable=False))
    pack: str = Field(sa_column=Column(Text, nullable=False))
    prescription_only: bool = Field(sa_column=Column(Boolean, nullable=False))
    prescription_item: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    """From which of the prescription's items, counted from 1; 0: from none."""


class OrderStepRow(SQLModel, table=True):
    """One step of an order's life; append-only."""

    __tablename__ = "order_step"
    __retention__ = sale("time")

    order_id: UUID = Field(primary_key=True, foreign_key="medicine_order.order_id")
    sequence: int = Field(sa_column=Column(Integer, primary_key=True))
    patient_id: UUID
    act: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`OrderAct` of the contract."""
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    actor_id: UUID | None = None
    """None: the platform."""
    time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    note: str = Field(default="", sa_column=Column(SealedText("order_step.note"), nullable=False))
