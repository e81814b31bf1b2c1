"""A reader who stops reading holds nothing: the stream behind it is closed though its message cannot be sent."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from uuid import UUID

import grpc
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse

from clients.sdk import ApricotError
from kit.access import NoPatients
from kit.call import Call
from kit.chain import Chain
from kit.contract import methods
from kit.tokens import TokenVerifier
from kit.views import View
from tests.kit.calls import NOW, Keys
from tests.patience import PATIENCE

PATH = "/apricot.glucose.v1.WatchService/WatchPatients"


class Everybody(NoPatients):
    """Lets everybody in."""

    async def require(self, *_: object) -> Mapping[UUID, View]:
        return {}


class Endless:
    """Sends and sends; tells when it was closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def watch(self, request: WatchPatientsRequest, call: Call) -> AsyncGenerator[WatchPatientsResponse]:
        del request, call
        try:
            while True:
                yield WatchPatientsResponse(resume_token="x" * 100_000)
        finally:
            self.closed.set()


async def test_the_stream_of_a_stalled_reader_is_let_go() -> None:
    endless, keys = Endless(), Keys()
    chain = Chain(TokenVerifier(keys), Everybody(), {}, lambda: NOW, stall_seconds=0.3)
    server = grpc.aio.server()
    handlers = {"WatchPatients": chain.handler(methods()[PATH], endless.watch)}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("apricot.glucose.v1.WatchService", handlers),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        method: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(PATH)
        request = WatchPatientsRequest(patient_ids=["7d3c1f0a-2b4e-4c6d-8e9f-0a1b2c3d4e5f"])
        stream = method(request.SerializeToString(), metadata=(("authorization", f"Bearer {keys.sign()}"),))
        await stream.read()
        async with asyncio.timeout(PATIENCE):
            await endless.closed.wait()
            try:
                while True:  # what was under way, and then why it ended
                    await stream.read()
            except grpc.aio.AioRpcError as error:
                ended = ApricotError.of(error)
    await server.stop(None)
    assert ended.reason == Reason.REASON_WATCHER_TOO_SLOW
