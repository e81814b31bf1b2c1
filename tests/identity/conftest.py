"""One PostgreSQL and one NATS for all tests of identity; a database for those that share, one more for whoever spoils
it."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

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
async def shared(engines: Platform) -> AsyncIterator[Running]:
    """A service that tests share: each has people of its own."""
    url = f"{engines.database_url}/identity_shared"
    await asyncio.to_thread(migrate.upgrade, url, "identity")
    async with running_identity(url, engines.nats_url) as running:
        yield running


@pytest.fixture
async def own_url(engines: Platform) -> str:
    """A migrated database of the test's own."""
    url = f"{engines.database_url}/identity_{uuid4().hex}"
    await asyncio.to_thread(migrate.upgrade, url, "identity")
    return url


@pytest.fixture
async def own(engines: Platform, own_url: str) -> AsyncIterator[Running]:
    """A service of the test's own."""
    async with running_identity(own_url, engines.nats_url) as running:
        yield running
