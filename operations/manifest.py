"""What a backup says of itself."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

FORMAT = 2
"""Raised when an older release could not read the backup any more."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Part):
    """A file of the backup, as it lies there."""

    sha256: str
    size: int
    """Bytes."""


class Table(_Part):
    """What a table held, whatever the order of its rows."""

    rows: int
    checksum: int
    """The sum of all rows' hashes (`hashtextextended` of the row as text)."""


class DatabaseCopy(_Part):
    """One service's database at its instant."""

    revision: str
    """Of its tables (Alembic)."""
    time: datetime
    """By the database's clock: everything committed before it is in the backup."""
    tables: dict[str, Table]


class ObjectsCopy(_Part):
    """The object store."""

    count: int
    size: int
    """Bytes."""
    checksum: int
    """The sum of all objects' hashes, key and content (SHA-256)."""


class Manifest(_Part):
    """All that restore has to know, and compares afterwards."""

    format: int
    platform: str
    """The release that wrote it."""
    begin_time: datetime
    """Everything acknowledged before it is in the backup."""
    end_time: datetime
    server: str
    """PostgreSQL's version."""
    identity_key: str
    """A fingerprint of the key under which identity seals its secrets; empty: it was not known."""
    sealing_keys: dict[str, str] = {}
    """Of the keys of sealed columns, by name; none: they were not known."""
    databases: dict[str, DatabaseCopy]
    streams: dict[str, int]
    """How many events of each stream go back into it."""
    objects: ObjectsCopy
    files: dict[str, File]
