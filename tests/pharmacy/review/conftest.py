"""One dispensary for the tests of reviews; a doctor, a patient and a pharmacy for each."""

from collections.abc import AsyncIterator

import pytest

from stack.platform import Platform
from tests.consult.prescriptions.ward import Ward, running_ward
from tests.pharmacy.review.dispensary import Dispensary, running_dispensary


@pytest.fixture(scope="session")
async def ward_and_dispensary(engines: Platform) -> AsyncIterator[tuple[Ward, Dispensary]]:
    async with running_ward(engines) as ward, running_dispensary(engines, ward) as dispensary:
        yield ward, dispensary


@pytest.fixture
async def dispensary(ward_and_dispensary: tuple[Ward, Dispensary]) -> Dispensary:
    ward, dispensary = ward_and_dispensary
    return await dispensary.fresh(await ward.fresh())


@pytest.fixture(scope="module")
async def settled(ward_and_dispensary: tuple[Ward, Dispensary]) -> Dispensary:
    """For tests that leave no order delivered, and set the record themselves."""
    ward, dispensary = ward_and_dispensary
    return await dispensary.fresh(await ward.fresh())
