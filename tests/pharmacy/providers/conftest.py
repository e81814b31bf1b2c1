"""A cashier of its own, each provider's adapter on it, and a merchant that is called."""

from collections.abc import AsyncIterator

import pytest

from services.pharmacy.providers.port import Provider
from stack.cashier.part import Cashier
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.pharmacy.providers.arranged import NAMES, build
from tests.pharmacy.providers.cashier import Hands, Merchant


@pytest.fixture(scope="session")
async def till() -> AsyncIterator[Platform]:
    """A platform of the cashier alone."""
    async with temporary_platform(("cashier",), payment_providers=NAMES) as running:
        yield running


@pytest.fixture(scope="session")
def cashier(till: Platform) -> Cashier:
    assert till.plan.cashier
    return till.plan.cashier


@pytest.fixture
def hands(cashier: Cashier) -> Hands:
    return Hands(cashier)


@pytest.fixture
async def merchant() -> AsyncIterator[Merchant]:
    async with Merchant().serving() as serving:
        yield serving


@pytest.fixture
def providers(cashier: Cashier, merchant: Merchant) -> dict[str, Provider]:
    return build(cashier, merchant.url)


@pytest.fixture(params=NAMES)
def provider(request: pytest.FixtureRequest, providers: dict[str, Provider]) -> Provider:
    return providers[request.param]
