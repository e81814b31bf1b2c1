"""A pharmacy and a diary, each on a database of its own, and a clock that is moved by hand."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from stack.platform import Platform
from tests.glucose.quiet import Quiet, quiet_database
from tests.in_process import HandClock, own_database
from tests.pharmacy.refill.dispensary import Dispensary


@pytest.fixture(scope="module")
async def database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "pharmacy") as made:
        yield made


@pytest.fixture(scope="module")
async def quiet(engines: Platform) -> AsyncIterator[Quiet]:
    async with quiet_database(engines) as made:
        yield made


@pytest.fixture
async def dispensary(database: Database, quiet: Quiet) -> AsyncIterator[Dispensary]:
    """It is eight in the morning in Shanghai."""
    yield Dispensary(database, quiet, HandClock())
    async with database.connection() as connection:  # the next test's clock begins anew
        await connection.execute("update supply set due_time = null")
