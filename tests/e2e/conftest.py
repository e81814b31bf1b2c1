"""The doors into the shared platform: its gateway, and each service's own port behind it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import grpc
import pytest
from apricot.identity.v1.auth_pb2 import ServiceSecret, SignInRequest, SignInResponse

from kit import contract
from kit.contract import Method
from stack.platform import Platform
from tests.e2e import wire
from tests.e2e.cast import Cast, gather_cast
from tests.e2e.signer import Signer
from tests.people import People


class Doors:
    """Channels by address."""

    def __init__(self, platform: Platform) -> None:
        self.gateway_url = platform.gateway_address
        self._platform = platform
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._stack = AsyncExitStack()

    def address(self, door: str, method: Method) -> str:
        """Where a method is called: `gateway`, `direct`, or `direct-2` for the second replica."""
        if door == "gateway":
            return self.gateway_url.removeprefix("http://")
        replicas = self._platform.addresses(method.path.split(".")[1])
        return replicas[-1] if door == "direct-2" else replicas[0]

    async def channel(self, door: str, method: Method) -> grpc.aio.Channel:
        """The channel to it."""
        address = self.address(door, method)
        if address not in self._channels:
            channel = grpc.aio.insecure_channel(address, options=wire.OPTIONS)
            self._channels[address] = await self._stack.enter_async_context(channel)
        return self._channels[address]

    async def call(
        self,
        door: str,
        path: str,
        request: bytes,
        token: str = "",
        metadata: wire.Metadata = (),
        timeout: float | None = wire.DEADLINE_SECONDS,
    ) -> wire.Outcome:
        """One call of a method by its path, with one message."""
        method = contract.methods()[path]
        return await wire.call(await self.channel(door, method), method, request, token, metadata, timeout)

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture(scope="session")
async def doors(platform: Platform) -> AsyncIterator[Doors]:
    """Every way in."""
    doors = Doors(platform)
    yield doors
    await doors.close()


@pytest.fixture(scope="session")
async def signer(platform: Platform) -> Signer:
    """The platform's own signature."""
    return await Signer.of(platform)


@pytest.fixture(scope="session")
async def service_token(platform: Platform, doors: Doors) -> str:
    """Return the token of consult, at identity's own port: it may all that a service may."""
    secret = ServiceSecret(service="consult", secret=platform.state.secrets().service_secrets["consult"])
    request = SignInRequest(service_secret=secret).SerializeToString()
    outcome = await doors.call("direct", "/apricot.identity.v1.AuthService/SignIn", request)
    return SignInResponse.FromString(outcome.answer).tokens.access_token


@pytest.fixture(scope="session")
async def cast(people: People, service_token: str) -> Cast:
    """Every kind of caller."""
    return await gather_cast(people, service_token)


# pytest-grpc's fixtures: its `grpc_channel` leads to the running platform, in a test that is no coroutine.


@pytest.fixture(scope="module")
def grpc_addr(request: pytest.FixtureRequest, platform: Platform) -> str:
    """The gateway, or the service that a test names as this fixture's parameter."""
    door: str = getattr(request, "param", "gateway")
    return platform.addresses(door)[0] if door != "gateway" else platform.gateway_address.removeprefix("http://")


@pytest.fixture(scope="module")
def grpc_server(platform: Platform) -> Platform:
    """It runs already."""
    return platform
