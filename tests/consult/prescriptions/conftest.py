"""One consult beside one identity for the tests of prescriptions; a doctor, a patient and a consultation for each."""

from collections.abc import AsyncIterator

import pytest

from stack.platform import Platform
from tests.consult.prescriptions.ward import Ward, running_ward


@pytest.fixture(scope="session")
async def running(engines: Platform) -> AsyncIterator[Ward]:
    async with running_ward(engines) as ward:
        yield ward


@pytest.fixture
async def ward(running: Ward) -> Ward:
    return await running.fresh()


@pytest.fixture(scope="module")
async def settled(running: Ward) -> Ward:
    """For tests that issue nothing and leave the record as it is."""
    return await running.fresh()
