"""One database for the tests of orders; a pharmacy and a buyer for each test."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from stack.platform import Platform
from tests.in_process import own_database
from tests.pharmacy.orders.shop import Shop


@pytest.fixture(scope="session")
async def orders_database(platform: Platform) -> AsyncIterator[Database]:
    async with own_database(platform, "pharmacy") as database:
        yield database


@pytest.fixture
async def shop(orders_database: Database) -> Shop:
    return await Shop(orders_database).open()
