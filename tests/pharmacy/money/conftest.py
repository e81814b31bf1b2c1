"""A shop for each test. They share a database; a worker that does what is due sees the other tests' rows too, so each
test leaves nothing due behind: what is open of others is put off before a shop opens."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from stack.platform import Platform
from tests.in_process import own_database
from tests.pharmacy.money.shop import Shop


@pytest.fixture(scope="session")
async def money_database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "pharmacy") as database:
        yield database


@pytest.fixture
async def shop(money_database: Database) -> Shop:
    async with money_database.connection() as connection:
        await connection.execute("update payment set next_look_time = null where next_look_time is not null")
        await connection.execute("update refund set next_try_time = null where next_try_time is not null")
    return await Shop(money_database).open()
