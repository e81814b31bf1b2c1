"""A platform that is attacked: two glucose replicas behind the gateway, nothing mocked. Each test leaves it whole."""

from collections.abc import AsyncIterator

import pytest

from clients.sdk import Apricot
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.e2e.conftest import Doors
from tests.e2e.signer import Signer
from tests.people import People, Person


@pytest.fixture(scope="session")
async def attacked() -> AsyncIterator[Platform]:
    async with temporary_platform(
        demo=True,  # for its admin, who approves licences
        glucose_replicas=2,
        gateway_user_requests_per_second=10_000,
        gateway_sign_in_requests_per_minute=100_000,
    ) as running:
        yield running


@pytest.fixture(scope="session")
async def victims(attacked: Platform) -> AsyncIterator[People]:
    """People on it."""
    async with Apricot(attacked.gateway_address.removeprefix("http://")) as client:
        yield People(client, attacked.part("identity").log.path)


@pytest.fixture(scope="session")
async def ways_in(attacked: Platform) -> AsyncIterator[Doors]:
    doors = Doors(attacked)
    yield doors
    await doors.close()


@pytest.fixture(scope="session")
async def forger(attacked: Platform) -> Signer:
    """The platform's own signature."""
    return await Signer.of(attacked)


@pytest.fixture(scope="session")
async def bystander(victims: People) -> Person:
    """Somebody ordinary, who goes on while others attack."""
    return await victims.patient()
