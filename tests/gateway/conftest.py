"""One gateway before one replica of each service, shared by the tests that leave both as they found them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.gateway.issuer import Issuer
from tests.gateway.replica import Replica
from tests.gateway.running import Gateway, running_gateway


@pytest_asyncio.fixture(scope="session")
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer().serving() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def jwks_url(issuer: Issuer) -> str:
    return f"http://127.0.0.1:{issuer.port}/.well-known/jwks.json"


@pytest_asyncio.fixture(scope="session")
async def shared_replica() -> AsyncIterator[Replica]:
    async with Replica().serving() as replica:
        yield replica


@pytest_asyncio.fixture(scope="session")
async def gateway(
    tmp_path_factory: pytest.TempPathFactory, jwks_url: str, shared_replica: Replica
) -> AsyncIterator[Gateway]:
    settings = {
        "jwks_url": jwks_url,
        "upstreams": {name: [shared_replica.address] for name in ("identity", "glucose", "consult", "pharmacy")},
        "sign_in_requests_per_minute": 100_000,
        "reflection": True,
    }
    async with running_gateway(tmp_path_factory.mktemp("gateway"), **settings) as gateway:
        yield gateway


@pytest.fixture
def replica(shared_replica: Replica) -> Replica:
    """The shared replica without memories."""
    shared_replica.calls.clear()
    shared_replica.answers.clear()
    shared_replica.failures.clear()
    return shared_replica
