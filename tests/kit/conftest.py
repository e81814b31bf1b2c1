"""One PostgreSQL and one NATS for the tests of the kit; a database and a service name for each test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest
from nats.js.errors import NotFoundError

from kit import migrate
from kit.bus import Bus
from kit.database import Database
from stack.platform import Platform
from stack.testing import temporary_platform


@pytest.fixture(scope="session")
async def parts() -> AsyncIterator[Platform]:
    """PostgreSQL and NATS; a test that kills one waits until it is back."""
    async with temporary_platform(("postgres", "nats")) as platform:
        yield platform


@pytest.fixture(scope="session")
async def template(parts: Platform) -> str:
    """A database with the kit's tables, to copy."""
    await asyncio.to_thread(migrate.upgrade, f"{parts.database_url}/template_kit", "glucose")
    return "template_kit"


@dataclass(frozen=True)
class Service:
    """A service of the test's own: its name, its database, its connection to NATS."""

    name: str
    database: Database
    bus: Bus


@pytest.fixture
async def service(parts: Platform, template: str) -> AsyncIterator[Service]:
    name = f"s{uuid4().hex}"
    connection = await asyncpg.connect(f"{parts.database_url}/postgres")
    await connection.execute(f"create database {name} template {template}")
    await connection.close()
    database = Database(f"{parts.database_url}/{name}", name)
    bus = await Bus.connect(parts.nats_url, name)
    yield Service(name, database, bus)
    with suppress(NotFoundError):
        await bus.jetstream.delete_stream(name)  # NATS keeps room for two
    await bus.close()
    await database.close()
