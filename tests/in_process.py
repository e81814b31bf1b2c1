"""For tests that run a service's classes in their own process: a clock, a database of their own, and refusals."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from apricot.errors.v1.reason_pb2 import Reason

from kit import migrate
from kit.chain import DomainErrors
from kit.database import Database
from kit.errors import ApricotError
from kit.sealing import SealingKeys
from stack.platform import Platform

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
async def own_database(platform: Platform, service: str) -> AsyncIterator[Database]:
    """A database with the service's tables beside the platform's, whose workers do not see it."""
    server, name = (platform.database_url or "").rstrip("/"), f"{service}_{uuid4().hex}"
    await asyncio.to_thread(migrate.upgrade, f"{server}/{name}", service)
    database = Database(f"{server}/{name}", service, KEYS)
    yield database
    await database.close()
    connection = await asyncpg.connect(f"{server}/postgres")
    await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()


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
        found = next(reason for kind, reason in errors.items() if isinstance(error, kind))
    assert found in reasons, (Reason.Name(found), str(error))
