"""A directory of the tests' own, beside the shared platform's: nobody else's doctors are in it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kit import migrate
from kit.database import Database
from stack.platform import Platform


@pytest.fixture(scope="session")
async def own_directory(platform: Platform) -> AsyncIterator[Database]:
    url = f"{platform.database_url}/apricot_own_directory"
    await asyncio.to_thread(migrate.upgrade, url, "consult")
    database = Database(url, "consult")
    yield database
    await database.close()
