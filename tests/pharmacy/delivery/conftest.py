"""One database for the tests of deliveries in this process; a town for each test."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from stack.platform import Platform
from tests.in_process import own_database
from tests.pharmacy.delivery.town import Town


@pytest.fixture(scope="session")
async def delivery_database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "pharmacy") as database:
        yield database


@pytest.fixture
async def town(delivery_database: Database) -> AsyncIterator[Town]:
    """Alone: what other tests left on offer or accepted is gone."""
    yield await Town(delivery_database).open()
    async with delivery_database.connection() as connection:
        await connection.execute("update delivery_job set state = 6 where state in (1, 2)")
