"""A platform that is wounded again and again: two replicas of each service behind the gateway, nothing mocked."""

from collections.abc import AsyncIterator

import pytest

from clients.sdk import Apricot
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.e2e.market import Market
from tests.patience import PATIENT
from tests.people import People


@pytest.fixture(scope="session")
async def wounded() -> AsyncIterator[Platform]:
    """The platform; each test leaves it whole."""
    async with temporary_platform(
        demo=True,  # for its admin, who approves licences
        glucose_replicas=2,
        consult_replicas=2,
        pharmacy_replicas=2,
        gateway_user_requests_per_second=10_000,
        gateway_sign_in_requests_per_minute=100_000,
    ) as running:
        yield running


@pytest.fixture(scope="session")
async def folk(wounded: Platform) -> AsyncIterator[People]:
    """People on it."""
    async with Apricot(wounded.gateway_address.removeprefix("http://")) as client:
        yield People(client, wounded.part("identity").log.path)


@pytest.fixture(scope="session")
async def patient_folk(wounded: Platform) -> AsyncIterator[People]:
    """Their phones ask again until the part that was killed is back."""
    async with Apricot(wounded.gateway_address.removeprefix("http://"), pace=PATIENT) as client:
        yield People(client, wounded.part("identity").log.path)


@pytest.fixture(scope="session")
async def market(wounded: Platform, patient_folk: People) -> Market:
    return await Market.open(wounded, patient_folk, (40.0, 100.0))
