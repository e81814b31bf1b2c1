"""A fake platform on a free port, and a client of it with short waits."""

from collections.abc import AsyncIterator

import grpc
import pytest

from clients.sdk import Apricot, Pace, SavedSession, Session
from tests.sdk.fake import Fake
from tests.sdk.servicers import serve

PHONE = "+8613800138000"
PACE = Pace(call=5, upload=5, first_delay=0.001, longest_delay=0.01)


@pytest.fixture
async def fake() -> Fake:
    """The platform's state and script."""
    return Fake()


@pytest.fixture
async def address(fake: Fake) -> AsyncIterator[str]:
    """Where it listens."""
    server = grpc.aio.server()
    serve(fake, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


@pytest.fixture
async def apricot(address: str) -> AsyncIterator[Apricot]:
    """A client, not signed in."""
    async with Apricot(address, pace=PACE) as client:
        yield client


@pytest.fixture
def saved() -> list[SavedSession | None]:
    """What the session gave its app to store, in order."""
    return []


@pytest.fixture
async def session(apricot: Apricot, saved: list[SavedSession | None]) -> Session:
    """A signed-in user."""
    return await apricot.sign_in_with_code(PHONE, "123456", on_change=saved.append)
