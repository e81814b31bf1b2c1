"""The table of attachments; their bytes lie in the object store."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, LargeBinary, SmallInteger, Text
from sqlmodel import Column, Field, SQLModel

from kit.retention import WORKING, clinical


class AttachmentRow(SQLModel, table=True):
    """Something uploaded into a consultation. A trigger refuses every change; its retention, a deletion."""

    __tablename__ = "attachment"
    __retention__ = clinical("create_time")
    __table_args__ = (Index("attachment_once", "consultation_id", "uploader_id", "source_sha256", unique=True),)

    consultation_id: UUID = Field(primary_key=True)
    attachment_id: UUID = Field(primary_key=True)
    patient_id: UUID
    uploader_id: UUID
    kind: int = Field(sa_column=Column(SmallInteger, nullable=False))
    """`AttachmentKind` of the contract."""
    media_type: str = Field(sa_column=Column(Text, nullable=False))
    size_bytes: int = Field(sa_column=Column(Integer, nullable=False))
    source_sha256: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Of the bytes as uploaded."""
    sha256: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Of the bytes as kept."""
    width_pixels: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    height_pixels: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class AttachmentUploadRow(SQLModel, table=True):
    """An object that is about to be stored: what no attachment names after a while is removed by the worker."""

    __tablename__ = "attachment_upload"
    __retention__ = WORKING
    __table_args__ = (Index("attachment_upload_create_time", "create_time"),)

    object_key: str = Field(sa_column=Column(Text, primary_key=True))
    patient_id: UUID
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
