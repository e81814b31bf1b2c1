"""The table of what buyers think of orders."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, SmallInteger
from sqlmodel import Column, Field, SQLModel

from kit.retention import EXTRAS
from kit.sealed import SealedText


class OrderRatingRow(SQLModel, table=True):
    """What a buyer thinks of an order."""

    __tablename__ = "order_rating"
    __retention__ = EXTRAS
    __table_args__ = (Index("order_rating_of_courier", "courier_id", "create_time"),)

    order_id: UUID = Field(primary_key=True, foreign_key="medicine_order.order_id")
    patient_id: UUID
    pharmacy_id: UUID
    courier_id: UUID | None = None
    pharmacy_stars: int = Field(sa_column=Column(SmallInteger, nullable=False))
    courier_stars: int = Field(sa_column=Column(SmallInteger, nullable=False))
    words: str = Field(sa_column=Column(SealedText("order_rating.words"), nullable=False))
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
