"""A database for the tests of alerts: patients are new in each test, so that they share it."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from services.glucose.domain.alerts.pace import Pace
from stack.platform import Platform
from tests.databases import new_database
from tests.glucose.alerts.clinic import Clinic, opened


@pytest.fixture(scope="session")
async def alerts_url(engines: Platform) -> str:
    """Return a database of glucose's, without a worker that goes by the machine's clock."""
    return await new_database(engines.database_url, "glucose")


@pytest.fixture
async def clinic(alerts_url: str) -> AsyncIterator[Clinic]:
    async with opened(alerts_url, Pace()) as found:
        await found.forget()
        yield found


@pytest.fixture
async def lapsing(alerts_url: str) -> AsyncIterator[Clinic]:
    """In the demo's time-lapse: a minute lasts 0.4 seconds."""
    async with opened(alerts_url, Pace(0.4)) as found:
        await found.forget()
        yield found


@pytest.fixture
def patient() -> UUID:
    return uuid4()
