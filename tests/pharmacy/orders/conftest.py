"""One database for the tests of orders; a pharmacy and a buyer for each test."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from stack.platform import Platform
from tests.in_process import own_database
from tests.pharmacy.orders.shop import Shop


@pytest.fixture(scope="session")
async def orders_database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "pharmacy") as database:
        yield database


@pytest.fixture
async def shop(orders_database: Database) -> Shop:
    async with orders_database.connection() as connection:  # time has nothing to do with what other tests left
        await connection.execute("update medicine_order set due_time = null where due_time is not null")
    return await Shop(orders_database).open()
