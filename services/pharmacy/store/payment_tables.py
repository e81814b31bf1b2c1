"""The tables of payments, of refunds, and of what providers say that does not fit."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Column, Field, SQLModel

from kit.retention import accounts


class PaymentRow(SQLModel, table=True):
    """One attempt to pay an order through one provider."""

    __tablename__ = "payment"
    __retention__ = accounts("create_time", "5 years")
    __table_args__ = (
        # Whatever the code does: nothing more goes back than came.
        CheckConstraint("refunded_minor between 0 and amount_minor", name="payment_refunded"),
        CheckConstraint("refunded_minor = 0 or state = 3", name="payment_refunded_is_paid"),
        Index("payment_of_order", "order_id", "create_time"),
        Index("payment_open", "order_id", unique=True, postgresql_where=text("state = 1")),
        Index("payment_counted", "order_id", unique=True, postgresql_where=text("counted")),
        Index("payment_next_look", "next_look_time", postgresql_where=text("next_look_time is not null")),
        Index("payment_of_day", "provider", "pay_time", postgresql_where=text("state = 3")),
    )

    payment_id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="medicine_order.order_id")
    patient_id: UUID
    provider: str = Field(sa_column=Column(Text, nullable=False))
    """As in `providers/port.py`."""
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`PaymentState` of the contract."""
    amount_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str = Field(sa_column=Column(Text, nullable=False))
    counted: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
    """Whether this is the one that the order was paid by."""
    refunded_minor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """What went back or is to go back."""
    handoff: str = Field(default="", sa_column=Column(Text, nullable=False))
    """What the app hands to the provider's software; empty: the provider was not asked yet."""
    reference: str = Field(default="", sa_column=Column(Text, nullable=False))
    """The provider's own number of it."""
    looks: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    """How often the provider was asked about it."""
    next_look_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it is asked again; none: never."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expire_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """Until when it may be paid."""
    pay_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    statement_day: date | None = Field(default=None, sa_column=Column(Date))
    """Of the provider's statement that tells of it."""


class RefundRow(SQLModel, table=True):
    """Money that goes back."""

    __tablename__ = "refund"
    __retention__ = accounts("create_time", "5 years")
    __table_args__ = (
        UniqueConstraint("payment_id", "cause", name="refund_once"),
        CheckConstraint("amount_minor > 0", name="refund_amount"),
        Index("refund_next_try", "next_try_time", postgresql_where=text("next_try_time is not null")),
        Index("refund_of_day", "end_time", postgresql_where=text("state = 3")),
        Index("refund_failed", "state", postgresql_where=text("state = 4")),
    )

    refund_id: UUID = Field(primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.payment_id")
    order_id: UUID
    patient_id: UUID
    cause: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`RefundCause` of the contract."""
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`RefundState` of the contract."""
    amount_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str = Field(sa_column=Column(Text, nullable=False))
    reference: str = Field(default="", sa_column=Column(Text, nullable=False))
    """The provider's own number of it."""
    tries: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    next_try_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When the provider is asked for it, or about it, again; none: never."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it was done, failed or was settled."""
    statement_day: date | None = Field(default=None, sa_column=Column(Date))
    """Of the provider's statement that tells of it."""


class DisputeRow(SQLModel, table=True):
    """Something that a provider says and that does not fit: an operator looks into it."""

    __tablename__ = "payment_dispute"
    __retention__ = accounts("create_time", "5 years")
    __table_args__ = (
        UniqueConstraint(
            "provider",
            "kind",
            "payment_id",
            "refund_id",
            name="payment_dispute_once",
            postgresql_nulls_not_distinct=True,
        ),
    )

    dispute_id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    provider: str = Field(sa_column=Column(Text, nullable=False))
    kind: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`DisputeKind` of the contract."""
    payment_id: UUID
    """As the provider says; perhaps none of ours."""
    refund_id: UUID | None = None
    amount_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    """As the provider says."""
    currency: str = Field(sa_column=Column(Text, nullable=False))
    reference: str = Field(sa_column=Column(Text, nullable=False))
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class ReconciliationRow(SQLModel, table=True):
    """What a provider's statement of a day was found to be; the newest look alone."""

    __tablename__ = "reconciliation"
    __retention__ = accounts("create_time")

    provider: str = Field(sa_column=Column(Text, primary_key=True))
    day: date = Field(sa_column=Column(Date, primary_key=True))
    report: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """`apricot.pharmacy.v1.ReconciliationReport`."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
