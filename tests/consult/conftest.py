"""Consult's database on the shared platform, for what a test arranges or looks at behind the calls."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from stack.platform import Platform


@pytest.fixture(scope="session")
async def consult_database(platform: Platform) -> AsyncIterator[Database]:
    database = Database(platform.database_url or "", "consult", platform.sealing_keys("consult"))
    yield database
    await database.close()
