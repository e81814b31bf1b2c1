"""A client's stream that began before its session ended writes nothing afterwards."""

from collections.abc import AsyncIterator

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
from tests.kit.test_stalled_readers import Everybody

PATH = "/apricot.glucose.v1.DiaryService/UploadEntries"
PATIENT = "7d3c1f0a-2b4e-4c6d-8e9f-0a1b2c3d4e5f"


async def test_client_stream_stops_when_its_session_ends() -> None:
    keys = Keys()
    tokens, token, taken = TokenVerifier(keys), keys.sign(), 0

    async def upload(requests: AsyncIterator[UploadEntriesRequest], call: Call) -> UploadEntriesResponse:
        nonlocal taken
        async for _ in requests:
            taken += 1
            tokens.end_sessions([call.caller.session_id], NOW)
        return UploadEntriesResponse()

    server = grpc.aio.server()
    handler = Chain(tokens, Everybody(), {}, lambda: NOW).handler(methods()[PATH], upload)
    handlers = {"UploadEntries": handler}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("apricot.glucose.v1.DiaryService", handlers),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        method: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(PATH)
        request = minimal_request(methods()[PATH], PATIENT).SerializeToString()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await method(iter([request] * 3), metadata=(("authorization", f"Bearer {token}"),), timeout=60)
    await server.stop(None)
    assert ApricotError.of(caught.value).reason == Reason.REASON_SESSION_ENDED
    assert taken == 1
