"""One PostgreSQL and one NATS for all tests of identity; a database for those that share, one more for whoever spoils
it."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from kit import migrate
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.identity.running import Running, running_identity


@pytest.fixture(scope="session")
async def engines() -> AsyncIterator[Platform]:
    """PostgreSQL and NATS."""
    async with temporary_platform(("postgres", "nats")) as platform:
        yield platform


@pytest.fixture(scope="session")
async def template(engines: Platform) -> str:
    """A migrated database to copy: a tenth of the time of migrating another."""
    await asyncio.to_thread(migrate.upgrade, f"{engines.database_url}/identity_template", "identity")
    return "identity_template"


async def copied(engines: Platform, template: str, name: str) -> str:
    """A database with identity's tables. Events are known by their row's number, and all databases here share one NATS:
    each counts from somewhere else."""
    connection = await asyncpg.connect(f"{engines.database_url}/postgres")
    await connection.execute(f"create database {name} template {template}")
    await connection.close()
    connection = await asyncpg.connect(f"{engines.database_url}/{name}")
    await connection.execute(f"alter table outbox alter column id restart with {uuid4().int >> 70}")
    await connection.close()
    return f"{engines.database_url}/{name}"


@pytest.fixture(scope="session")
async def shared(engines: Platform, template: str) -> AsyncIterator[Running]:
    """A service that tests share: each has people of its own."""
    async with running_identity(await copied(engines, template, "identity_shared"), engines.nats_url) as running:
        yield running


@pytest.fixture
async def own_url(engines: Platform, template: str) -> str:
    """A database of the test's own."""
    return await copied(engines, template, f"identity_{uuid4().hex}")


@pytest.fixture
async def own(engines: Platform, own_url: str) -> AsyncIterator[Running]:
    """A service of the test's own."""
    async with running_identity(own_url, engines.nats_url) as running:
        yield running
