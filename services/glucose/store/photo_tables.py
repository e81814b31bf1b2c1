"""The table of photos; their bytes lie in the object store."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Column, Field, SQLModel

from kit.retention import clinical


class PhotoRow(SQLModel, table=True):
    """A photo of a meal. One that a meal ever named is part of the record; others go after seven days,
    or with the account."""

    __tablename__ = "photo"
    __retention__ = clinical("create_time", where="old.meal_ids <> '{}'")
    __table_args__ = (
        Index("photo_content", "patient_id", "sha256", unique=True),
        Index("photo_unnamed", "touch_time", postgresql_where=text("meal_ids = '{}'")),
    )

    patient_id: UUID = Field(primary_key=True)
    photo_id: UUID = Field(primary_key=True)
    sha256: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Of the bytes as uploaded."""
    media_type: str = Field(sa_column=Column(Text, nullable=False))
    size_bytes: int = Field(sa_column=Column(Integer, nullable=False))
    width_pixels: int = Field(sa_column=Column(Integer, nullable=False))
    height_pixels: int = Field(sa_column=Column(Integer, nullable=False))
    uploader_id: UUID
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    touch_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """When it was last uploaded."""
    meal_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid()), nullable=False, server_default=text("'{}'")))
    """The entries that ever named it; none: nothing but the patient's phone knows of it."""
