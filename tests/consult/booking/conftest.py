"""One database for the tests of booking; a doctor and a patient for each test."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from stack.platform import Platform
from tests.consult.booking.practice import Practice
from tests.in_process import own_database


@pytest.fixture(scope="session")
async def booking_database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "consult") as database:
        yield database


@pytest.fixture
async def practice(booking_database: Database) -> Practice:
    return await Practice(booking_database).open()
