"""The tables of pharmacies and who works there."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import asyncpg
from sqlalchemy import Boolean, Date, DateTime, Dialect, Float, Index, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING, sale

type Ring = list[tuple[float, float]]
"""The corners of an area: (longitude, latitude) in degrees."""


class Polygon(UserDefinedType[Ring]):
    """PostgreSQL's own `polygon`."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "polygon"

    def bind_processor(self, dialect: Dialect) -> Callable[[Ring | None], asyncpg.Polygon | None]:
        return lambda ring: None if ring is None else asyncpg.Polygon(*ring)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[asyncpg.Polygon], Ring]:
        return lambda found: [(corner.x, corner.y) for corner in found.points]


ischema_names["polygon"] = Polygon  # so that what the migrations made can be compared with the models


class PharmacyRow(SQLModel, table=True):
    """A pharmacy."""

    __tablename__ = "pharmacy"
    __retention__ = sale("update_time")
    __table_args__ = (Index("pharmacy_area", "delivery_area", postgresql_using="gist"),)

    pharmacy_id: UUID = Field(primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False))
    name_en: str = Field(sa_column=Column(Text, nullable=False))
    licence_number: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    """Of its drug business licence."""
    licence_expiry_date: date = Field(sa_column=Column(Date, nullable=False))
    """The last day it is valid."""
    address: str = Field(sa_column=Column(Text, nullable=False))
    phone: str = Field(sa_column=Column(Text, nullable=False))
    latitude: float = Field(sa_column=Column(Float, nullable=False))
    longitude: float = Field(sa_column=Column(Float, nullable=False))
    delivery_area: Ring = Field(sa_column=Column(Polygon, nullable=False))
    hours: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """`apricot.pharmacy.v1.OpeningHours`."""
    time_zone: str = Field(sa_column=Column(Text, nullable=False))
    preparing_minutes: int = Field(sa_column=Column(Integer, nullable=False))
    """How long it takes to pack an order."""
    delivery_base_minor: int = Field(sa_column=Column(Integer, nullable=False))
    """The fee of a delivery, before what the distance adds."""
    delivery_per_km_minor: int = Field(sa_column=Column(Integer, nullable=False))
    currency: str = Field(sa_column=Column(Text, nullable=False))
    open_for_orders: bool = Field(default=True, sa_column=Column(Boolean, nullable=False))
    rating_sum: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    rating_count: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    update_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class StaffRow(SQLModel, table=True):
    """Somebody who works at a pharmacy."""

    __tablename__ = "pharmacy_staff"
    __retention__ = WORKING
    __table_args__ = (Index("pharmacy_staff_account", "account_id"),)

    pharmacy_id: UUID = Field(primary_key=True, foreign_key="pharmacy.pharmacy_id")
    account_id: UUID = Field(primary_key=True)
    add_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
