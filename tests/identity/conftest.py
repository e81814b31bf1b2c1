"""A service that the tests of identity share, and one of its own for a test that spoils it."""

from collections.abc import AsyncIterator

import pytest

from stack.platform import Platform
from tests.databases import new_database
from tests.identity.running import Running, running_identity


@pytest.fixture(scope="session")
async def shared(engines: Platform) -> AsyncIterator[Running]:
    """A service that tests share: each has people of its own."""
    async with running_identity(await new_database(engines.database_url, "identity"), engines.nats_url) as running:
        yield running


@pytest.fixture
async def own_url(engines: Platform) -> str:
    """A database of the test's own."""
    return await new_database(engines.database_url, "identity")


@pytest.fixture
async def own(engines: Platform, own_url: str) -> AsyncIterator[Running]:
    """A service of the test's own."""
    async with running_identity(own_url, engines.nats_url) as running:
        yield running
