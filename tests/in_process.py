"""For tests that run a service's classes in their own process: a clock, a database of their own, and refusals."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from apricot.errors.v1.reason_pb2 import Reason

from kit.chain import DomainErrors
from kit.database import Database
from kit.errors import ApricotError
from kit.sealing import SealingKeys
from stack.platform import Platform
from tests.databases import drop_database, new_database

KEYS = SealingKeys({"tests": b"t" * 32})


class HandClock:
    """Stands still until moved; begins at eight in the morning of a Tuesday in Shanghai."""

    def __init__(self, now: datetime = datetime(2026, 11, 24, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> datetime:
        """By hours, minutes, seconds, …; the instant it then shows."""
        self.now += timedelta(**amount)
        return self.now


@asynccontextmanager
async def own_database(engines: Platform, service: str) -> AsyncIterator[Database]:
    """Open a new database with the service's tables, at which no worker works; drop it afterwards."""
    url = await new_database(engines.database_url, service)
    database = Database(url, service, KEYS)
    yield database
    await database.close()
    await drop_database(url)


@contextmanager
def refused_by(errors: DomainErrors, *reasons: Reason.ValueType) -> Iterator[dict[str, str]]:
    """The block ends with one of these reasons, as the service's table of errors says; gives the metadata."""
    metadata: dict[str, str] = {}
    with pytest.raises((ApricotError, *errors)) as caught:
        yield metadata
    error = caught.value
    if isinstance(error, ApricotError):
        metadata.update(error.metadata)
        found = error.reason
    else:
        metadata.update(getattr(error, "metadata", {}))
        found = next(reason for kind, reason in errors.items() if isinstance(error, kind))
    assert found in reasons, (Reason.Name(found), str(error))
