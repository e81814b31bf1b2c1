"""Watches straight at one replica, message by message, as they come over the wire."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest, WatchPatientsResponse
from apricot.glucose.v1.watch_pb2_grpc import WatchServiceStub

from clients.sdk import ApricotError, Session
from tests.patience import PATIENCE


class DirectWatch:
    """One stream, no reconnects."""

    def __init__(self, stream: "grpc.aio.UnaryStreamCall[WatchPatientsRequest, WatchPatientsResponse]") -> None:
        self._stream = stream

    async def next(self, *, heartbeats: bool = False) -> WatchPatientsResponse:
        """The next message. Errors: ApricotError."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    message = await self._stream.read()
                except grpc.aio.AioRpcError as error:
                    raise ApricotError.of(error) from error
                assert isinstance(message, WatchPatientsResponse)
                if heartbeats or not message.HasField("heartbeat"):
                    return message

    async def until_heartbeat(self) -> list[WatchPatientsResponse]:
        """Everything up to the next heartbeat, included."""
        messages = [await self.next(heartbeats=True)]
        while not messages[-1].HasField("heartbeat"):
            messages.append(await self.next(heartbeats=True))
        return messages

    async def end(self) -> ApricotError:
        """Read on to the error that ends it."""
        while True:
            try:
                await self.next()
            except ApricotError as error:
                return error


@asynccontextmanager
async def direct_watch(
    address: str, session: Session, patient_ids: list[str], resume_token: str = ""
) -> AsyncIterator[DirectWatch]:
    """`address` is a replica's or the gateway's."""
    token = await session._tokens.token()
    request = WatchPatientsRequest(patient_ids=patient_ids, resume_token=resume_token, snapshot_minutes=1440)
    async with grpc.aio.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        stream = WatchServiceStub(channel).WatchPatients(request, metadata=(("authorization", f"Bearer {token}"),))
        yield DirectWatch(stream)
        stream.cancel()
