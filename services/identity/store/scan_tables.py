"""The table of certificates' scans."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, DateTime, LargeBinary
from sqlmodel import Field, SQLModel

from kit.retention import working


class LicenceScan(SQLModel, table=True):
    """A scan of the certificate that a licence stands for, as it was made anew."""

    __tablename__ = "licence_scan"
    __retention__ = working("create_time", "180 days")

    scan_id: UUID = Field(primary_key=True)
    licence_id: UUID = Field(foreign_key="licence.licence_id", index=True)
    media_type: str
    size_bytes: int
    """Of the content, before it was sealed."""
    vaulted_content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Sealed by identity's key alone: the walk that seals columns anew takes many rows at once, and these are large."""
    create_time: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
