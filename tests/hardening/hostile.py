"""What one hostile client does to a running platform. A neighbour who loses a call fails the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from stack.platform import Platform
from stack.services import SERVICES
from tests.fuzz.health import health, restarted
from tests.hardening.frames import DATA, END_HEADERS, HEADERS, Connection, call_headers, connected, frame, header_block
from tests.hardening.malformed import EMPTY, MALFORMED, by_grpc_web, by_http2, by_json
from tests.hardening.neighbour import Neighbour, undisturbed
from tests.people import People, Person
from tests.pods import memory_bytes, memory_limit_bytes

HOSTILE = "127.0.0.2"
SILENT_CONNECTIONS = 2000
HOLDING_CONNECTIONS, STREAMS_OF_EACH = 30, 100
REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
WITHOUT_TOKEN = ["/apricot.identity.v1.AuthService/RefreshToken", "/grpc.health.v1.Health/Check"]
WITH_TOKEN = [
    "/apricot.identity.v1.AccountService/GetMe",
    "/apricot.glucose.v1.DiaryService/ListEntries",
    "/apricot.consult.v1.ConversationService/ListConversations",
    "/apricot.pharmacy.v1.CatalogService/SearchProducts",
]


async def send_malformed_headers(platform: Platform, people: People) -> None:
    """Send every malformed header by every wire, with a token and without, while a neighbour goes on.

    A poisoned connection stays so: the neighbour goes on for a while behind it.
    """
    hostile = await people.patient()
    async with beside_a_neighbour(platform, people) as neighbour:
        async with asyncio.TaskGroup() as group:
            group.create_task(_poison(platform, hostile, WITHOUT_TOKEN, token=""))
            group.create_task(_poison(platform, hostile, WITH_TOKEN, token=await hostile.token()))
        await neighbour.goes_round(5)


async def hold_streams_and_connections(platform: Platform, people: People) -> None:
    """Hold thousands of streams and connections without a token, while a neighbour goes on."""
    async with beside_a_neighbour(platform, people) as neighbour, _held(platform):
        await neighbour.goes_round(5)
        for service in SERVICES:
            assert memory_bytes(platform, service) < memory_limit_bytes(service), service


@asynccontextmanager
async def beside_a_neighbour(platform: Platform, people: People) -> AsyncIterator[Neighbour]:
    """As long as the block runs, a neighbour goes round. Behind it, every process is the one that it was."""
    before = health(platform)
    async with undisturbed(platform, people) as neighbour:
        yield neighbour
    assert not restarted(before, health(platform))


async def _poison(platform: Platform, hostile: Person, paths: list[str], *, token: str) -> None:
    """Send every malformed header to each method by each wire."""
    address = platform.gateway_address.removeprefix("http://")
    by_path = f"/v1/patients/{hostile.account_id}/entries" if token else "/v1/auth/refresh"
    connector = aiohttp.TCPConnector(local_addr=(HOSTILE, 0))
    async with aiohttp.ClientSession(platform.gateway_address, connector=connector) as http:
        for name, value in MALFORMED:
            for path in paths:
                await by_http2(address, path, name, value, token=token, source=HOSTILE)
                assert await by_grpc_web(http, path, name, value, token=token) < 500
            assert await by_json(http, by_path, name, value, token=token) < 500


@asynccontextmanager
async def _held(platform: Platform) -> AsyncIterator[None]:
    """Open connections that say nothing, and streams without a token that never end, and hold them all."""
    address = platform.gateway_address.removeprefix("http://")
    host, _, port = address.rpartition(":")
    async with AsyncExitStack() as stack:
        for _ in range(SILENT_CONNECTIONS):
            _, writer = await asyncio.open_connection(host, int(port), local_addr=(HOSTILE, 0))
            stack.callback(writer.transport.abort)
        for _ in range(HOLDING_CONNECTIONS):
            connection = await stack.enter_async_context(connected(address, HOSTILE))
            await _open_streams(connection)
        yield


async def _open_streams(connection: Connection) -> None:
    """Open reflection streams with one empty message each."""
    block = header_block(call_headers(REFLECTION))
    for stream in range(1, 2 * STREAMS_OF_EACH, 2):
        await connection.send(frame(HEADERS, END_HEADERS, stream, block), frame(DATA, 0, stream, EMPTY))
