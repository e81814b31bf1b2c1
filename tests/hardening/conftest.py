"""The platform that all tests share is attacked: each test leaves it whole."""

from collections.abc import AsyncIterator

import pytest

from stack.platform import Platform
from tests.e2e.conftest import Doors
from tests.e2e.signer import Signer
from tests.people import People, Person


@pytest.fixture(scope="session")
async def ways_in(platform: Platform) -> AsyncIterator[Doors]:
    doors = Doors(platform)
    yield doors
    await doors.close()


@pytest.fixture(scope="session")
async def forger(platform: Platform) -> Signer:
    """The platform's own signature."""
    return await Signer.of(platform)


@pytest.fixture(scope="session")
async def bystander(people: People) -> Person:
    """Somebody ordinary, who goes on while others attack."""
    return await people.patient()
