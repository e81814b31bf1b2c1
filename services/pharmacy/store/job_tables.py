"""The tables of couriers and their jobs."""

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
    false,
    text,
)
from sqlmodel import Column, Field, SQLModel

from kit.retention import EXTRAS, WORKING, sale


class CourierRow(SQLModel, table=True):
    """A courier who was ever on duty."""

    __tablename__ = "courier"
    __retention__ = WORKING
    __table_args__ = (CheckConstraint("on_duty = (latitude is not null)", name="courier_place_on_duty_alone"),)

    courier_id: UUID = Field(primary_key=True)
    on_duty: bool = Field(sa_column=Column(Boolean, nullable=False))
    latitude: float | None = Field(default=None, sa_column=Column(Float))
    """Where he said to be; none off duty."""
    longitude: float | None = Field(default=None, sa_column=Column(Float))
    has_cold_box: bool = Field(sa_column=Column(Boolean, nullable=False))
    update_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class JobRow(SQLModel, table=True):
    """An order's delivery."""

    __tablename__ = "delivery_job"
    __retention__ = sale()
    __table_args__ = (
        CheckConstraint("state != 1 or courier_id is null", name="delivery_job_offered"),
        CheckConstraint("state not in (2, 3, 4, 5) or courier_id is not null", name="delivery_job_accepted"),
        Index("delivery_job_offered_at", "latitude", postgresql_where=text("state = 1")),
        Index("delivery_job_of_courier", "courier_id", "accept_time"),
    )

    order_id: UUID = Field(primary_key=True, foreign_key="medicine_order.order_id")
    patient_id: UUID
    pharmacy_id: UUID
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`JobState` of the contract."""
    courier_id: UUID | None = None
    latitude: float = Field(sa_column=Column(Float, nullable=False))
    """The pharmacy's."""
    longitude: float = Field(sa_column=Column(Float, nullable=False))
    distance_metres: int = Field(sa_column=Column(Integer, nullable=False))
    """From the pharmacy to the door."""
    fee_minor: int = Field(sa_column=Column(BigInteger, nullable=False))
    currency: str = Field(sa_column=Column(Text, nullable=False))
    cold_chain: bool = Field(sa_column=Column(Boolean, nullable=False))
    break_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When the cold chain broke."""
    break_celsius: float | None = Field(default=None, sa_column=Column(Float))
    failure: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    """`FailureReason` of the contract."""
    failed_unseen: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """It failed, and the courier had not been seen at the door. What an older release lets fail is paid by its rule."""
    wrong_tries: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    """Hand-over codes."""
    locked_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """No code is tried before."""
    offer_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    accept_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    pick_up_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    end_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class PositionRow(SQLModel, table=True):
    """Where the courier of an order was last; gone when the delivery ends."""

    __tablename__ = "courier_position"
    __retention__ = EXTRAS

    order_id: UUID = Field(primary_key=True)
    patient_id: UUID
    latitude: float = Field(sa_column=Column(Float, nullable=False))
    longitude: float = Field(sa_column=Column(Float, nullable=False))
    time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class TemperatureRow(SQLModel, table=True):
    """How cold an order was kept; append-only."""

    __tablename__ = "delivery_temperature"
    __retention__ = sale("create_time", goes_after="5 years 1 day")

    order_id: UUID = Field(primary_key=True, foreign_key="delivery_job.order_id")
    time: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    patient_id: UUID
    courier_id: UUID
    celsius: float = Field(sa_column=Column(Float, nullable=False))
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
