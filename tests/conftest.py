"""What tests share, started once for each process: the engines alone, or the whole platform."""

import os
from collections.abc import AsyncIterator

import hypothesis
import pytest

from clients.sdk import Apricot
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.patience import PATIENT
from tests.people import People

# Tests sign in hundreds of people from one address.
os.environ["APRICOT_CODES_PER_ADDRESS_AND_HOUR"] = "100000"
os.environ["APRICOT_SIGN_INS_PER_ADDRESS_AND_HOUR"] = "100000"

# How long an example takes is the machine's affair.
hypothesis.settings.register_profile("apricot", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("apricot")


@pytest.fixture(scope="session")
async def platform() -> AsyncIterator[Platform]:
    """The platform that tests share; one that kills parts starts its own."""
    async with temporary_platform(
        demo=True,
        glucose_replicas=2,
        consult_replicas=2,
        pharmacy_replicas=2,
        payment_providers=["sandbox", "alipay", "wechat"],
        gateway_user_requests_per_second=10_000,
        gateway_sign_in_requests_per_minute=100_000,
    ) as running:
        yield running


@pytest.fixture(scope="session")
async def engines() -> AsyncIterator[Platform]:
    """Start PostgreSQL and NATS, for tests that need no service and no gateway."""
    async with temporary_platform(("postgres", "nats")) as running:
        yield running


@pytest.fixture(scope="session")
async def apricot(platform: Platform) -> AsyncIterator[Apricot]:
    """A client of the shared platform, through its gateway."""
    async with Apricot(platform.gateway_address.removeprefix("http://"), pace=PATIENT) as client:
        yield client


@pytest.fixture(scope="session")
async def people(platform: Platform, apricot: Apricot) -> People:
    """People on the shared platform."""
    return People(apricot, platform.part("identity").log.path)
