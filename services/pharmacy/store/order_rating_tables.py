"""The table of what buyers say of their orders."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, SmallInteger, Text
from sqlmodel import Column, Field, SQLModel


class OrderRatingRow(SQLModel, table=True):
    """What a buyer says of the pharmacy and the courier of an order."""

    __tablename__ = "order_rating"
    __table_args__ = (Index("order_rating_of_courier", "courier_id", "create_time"),)

    order_id: UUID = Field(primary_key=True)
    patient_id: UUID
    pharmacy_id: UUID
    courier_id: UUID | None = None
    pharmacy_stars: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """1 to 5."""
    courier_stars: int | None = Field(default=None, sa_column=Column(SmallInteger))
    words: str = Field(sa_column=Column(Text, nullable=False))
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
