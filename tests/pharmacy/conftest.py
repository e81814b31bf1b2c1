"""The pharmacy's database on the shared platform, for what a test arranges or looks at behind the calls."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from stack.platform import Platform


@pytest.fixture(scope="session")
async def pharmacy_database(platform: Platform) -> AsyncIterator[Database]:
    database = Database(platform.database_url or "", "pharmacy", platform.sealing_keys("pharmacy"))
    yield database
    await database.close()
