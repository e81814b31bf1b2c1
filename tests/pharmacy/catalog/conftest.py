"""A catalogue of the tests' own, in their process."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from services.pharmacy.rpc.catalog import Catalog
from stack.platform import Platform
from tests.in_process import HandClock, own_database
from tests.pharmacy.catalog.arranged import Shop


@pytest.fixture(scope="module")
async def database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "pharmacy") as database:
        yield database


@pytest.fixture
async def shop(database: Database) -> Shop:
    """The service, at a clock that is moved by hand."""
    clock = HandClock()
    return Shop(database, Catalog(database, clock), clock)
