"""One database for the tests of lives in this process; a patient and doctors for each test."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from stack.platform import Platform
from tests.consult.life.practice import Practice
from tests.in_process import own_database


@pytest.fixture(scope="session")
async def lives_database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "consult") as database:
        yield database


@pytest.fixture
async def practice(lives_database: Database) -> AsyncIterator[Practice]:
    """Alone: what other tests left waiting, and their doctors, are gone."""
    made = await Practice(lives_database).staffed()
    yield made
    async with lives_database.connection() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")  # consultations are kept
        await connection.execute("delete from rating")
        await connection.execute("delete from member")
        await connection.execute("delete from consultation")
        await connection.execute("delete from doctor")
        await connection.execute("delete from push")
