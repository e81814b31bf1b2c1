"""One database for the tests of plans; a patient and a clinician for each test."""

from collections.abc import AsyncIterator

import pytest

from kit.database import Database
from stack.platform import Platform
from tests.glucose.plans.planned import Clinic
from tests.in_process import own_database


@pytest.fixture(scope="session")
async def plans_database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "glucose") as database:
        yield database


@pytest.fixture
def clinic(plans_database: Database) -> Clinic:
    return Clinic(plans_database)
