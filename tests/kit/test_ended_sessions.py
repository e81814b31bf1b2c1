"""A client's stream that began before its session ended writes nothing afterwards."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import grpc
import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.diary_pb2 import UploadEntriesRequest, UploadEntriesResponse

from clients.sdk import ApricotError
from kit.call import Call
from kit.chain import Chain
from kit.contract import methods
from kit.tokens import TokenVerifier
from tests.e2e.minimal import minimal_request
from tests.kit.calls import NOW, Keys
from tests.kit.running import until
from tests.kit.test_stalled_readers import Everybody
from tests.patience import PATIENCE

PATH = "/apricot.glucose.v1.DiaryService/UploadEntries"
PATIENT = "7d3c1f0a-2b4e-4c6d-8e9f-0a1b2c3d4e5f"


async def uploaded(tokens: TokenVerifier, method: Any, requests: Any, token: str) -> ApricotError:
    """How a stream to this method ends."""
    handler = Chain(tokens, Everybody(), {}, lambda: NOW).handler(methods()[PATH], method)
    server = grpc.aio.server()
    service = grpc.method_handlers_generic_handler("apricot.glucose.v1.DiaryService", {"UploadEntries": handler})
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            call: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(PATH)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(requests, metadata=(("authorization", f"Bearer {token}"),), timeout=PATIENCE)
            return ApricotError.of(caught.value)
    finally:
        await server.stop(None)


async def test_client_stream_stops_when_its_session_ends() -> None:
    keys = Keys()
    tokens, token, taken = TokenVerifier(keys), keys.sign(), 0

    async def upload(requests: AsyncIterator[UploadEntriesRequest], call: Call) -> UploadEntriesResponse:
        nonlocal taken
        async for _ in requests:
            taken += 1
            tokens.end_sessions([call.caller.session_id], NOW)
        return UploadEntriesResponse()

    request = minimal_request(methods()[PATH], PATIENT).SerializeToString()
    assert (await uploaded(tokens, upload, iter([request] * 3), token)).reason == Reason.REASON_SESSION_ENDED
    assert taken == 1


async def test_silent_client_stream_ends_with_its_session() -> None:
    """At once: an ended session is remembered for ten minutes, and a stream may be silent for longer."""
    keys = Keys()
    tokens, token = TokenVerifier(keys), keys.sign()
    request = minimal_request(methods()[PATH], PATIENT).SerializeToString()
    silence, sessions = asyncio.Event(), list[UUID]()

    async def upload(requests: AsyncIterator[UploadEntriesRequest], call: Call) -> UploadEntriesResponse:
        sessions.append(call.caller.session_id)
        async for _ in requests:
            pass
        return UploadEntriesResponse()

    async def one_and_silence() -> AsyncIterator[bytes]:
        yield request
        await silence.wait()

    stream = asyncio.create_task(uploaded(tokens, upload, one_and_silence(), token))
    await until(lambda: bool(sessions))
    tokens.end_sessions(sessions, NOW)
    assert (await stream).reason == Reason.REASON_SESSION_ENDED
    assert not tokens._streams
