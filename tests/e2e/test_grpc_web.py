"""gRPC-Web as a browser speaks it: plain HTTP/1.1, a frame for each message and one for the trailers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import grpc
import pytest
from apricot.glucose.v1.diary_pb2 import LogEntriesRequest, LogEntriesResponse
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse

from clients.sdk import Recorder
from tests.e2e.conftest import Doors
from tests.patience import PATIENCE
from tests.people import People, Person

HEADERS = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1", "origin": "http://localhost:5173"}
TRAILERS = 0x80


def framed(message: bytes) -> bytes:
    return b"\0" + len(message).to_bytes(4) + message


async def frames(content: aiohttp.StreamReader) -> AsyncIterator[tuple[int, bytes]]:
    """Flags and content of each frame."""
    while True:
        try:
            head = await content.readexactly(5)
        except asyncio.IncompleteReadError:
            return
        yield head[0], await content.readexactly(int.from_bytes(head[1:]))


@asynccontextmanager
async def posted(doors: Doors, path: str, body: bytes, token: str) -> AsyncIterator[aiohttp.ClientResponse]:
    headers = HEADERS | ({"authorization": f"Bearer {token}"} if token else {})
    async with (
        asyncio.timeout(PATIENCE),
        aiohttp.ClientSession(doors.gateway_url) as http,
        http.post(path, data=framed(body), headers=headers) as answer,
    ):
        assert (answer.status, answer.version) == (200, aiohttp.HttpVersion11)
        assert answer.headers["access-control-allow-origin"] == HEADERS["origin"]
        yield answer


@pytest.fixture(scope="module")
async def patient(people: People) -> Person:
    return await people.patient()


async def test_unary(doors: Doors, patient: Person) -> None:
    entry = Recorder.by_hand("browser", "Asia/Shanghai").note(datetime.now(UTC), "from a browser")
    request = LogEntriesRequest(patient_id=patient.account_id, request_id=entry.entry_id, entries=[entry])
    path = "/apricot.glucose.v1.DiaryService/LogEntries"
    async with posted(doors, path, request.SerializeToString(), await patient.token()) as answer:
        (flags, message), (last, trailers) = [frame async for frame in frames(answer.content)]
    assert (flags, last) == (0, TRAILERS)
    assert LogEntriesResponse.FromString(message).results[0].entry_id == entry.entry_id
    assert b"grpc-status:0" in trailers


async def test_server_stream(doors: Doors, patient: Person) -> None:
    entry = Recorder.by_hand("browser", "Asia/Shanghai").note(datetime.now(UTC), "watched by a browser")
    request = WatchPatientsRequest(patient_ids=[patient.account_id])
    path, seen = "/apricot.glucose.v1.WatchService/WatchPatients", ""
    async with posted(doors, path, request.SerializeToString(), await patient.token()) as answer:
        async for flags, message in frames(answer.content):
            assert flags == 0
            update = WatchPatientsResponse.FromString(message)
            if update.HasField("snapshot"):
                await patient.session.log(patient.account_id, [entry])
            if update.HasField("entries_logged"):
                seen = update.entries_logged.entries[0].entry_id
                break
    assert seen == entry.entry_id


async def test_refusals(doors: Doors, patient: Person) -> None:
    """The gateway's own, and a service's."""
    path = "/apricot.glucose.v1.DiaryService/ListEntries"
    for token, code in ("", grpc.StatusCode.UNAUTHENTICATED), (await patient.token(), grpc.StatusCode.INVALID_ARGUMENT):
        async with posted(doors, path, b"", token) as answer:
            body = await answer.read()
            status = answer.headers.get("grpc-status") or body.partition(b"grpc-status:")[2][:1].decode()
            assert (int(status) if status != "1" else 16) == code.value[0]
