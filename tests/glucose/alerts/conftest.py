"""A database for the tests of alerts: patients are new in each test, so that they share it."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from kit import migrate
from services.glucose.domain.alerts.pace import Pace
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.glucose.alerts.clinic import Clinic, opened


@pytest.fixture(scope="session")
async def alert_engines() -> AsyncIterator[Platform]:
    """PostgreSQL and NATS, without a worker that goes by the machine's clock."""
    async with temporary_platform(("postgres", "nats")) as platform:
        yield platform


@pytest.fixture(scope="session")
async def alerts_url(alert_engines: Platform) -> str:
    """Glucose's database."""
    url = f"{alert_engines.database_url}/apricot_glucose"
    await asyncio.to_thread(migrate.upgrade, url, "glucose")
    return url


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
