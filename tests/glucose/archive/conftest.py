"""One database for the tests of old entries, in which nobody else works; a patient for each test."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from services.glucose.work import archiving
from stack.platform import Platform
from tests.glucose.archive.shelf import Shelf
from tests.in_process import own_database


@pytest.fixture(scope="module")
async def database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "glucose") as made:
        yield made


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


@pytest.fixture(autouse=True)
def _without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archiving, "_REST_SHARE", 0)
