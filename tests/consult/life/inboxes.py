"""Open inboxes straight at one replica or through the gateway, message by message."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import grpc
from apricot.consult.v1.consultation_pb2 import Consultation, WatchInboxRequest, WatchInboxResponse
from apricot.consult.v1.consultation_pb2_grpc import ConsultationServiceStub

from clients.sdk import ApricotError
from tests.patience import PATIENCE
from tests.people import Person


class OpenInbox:
    """One stream, no reconnects."""

    def __init__(self, stream: "grpc.aio.UnaryStreamCall[WatchInboxRequest, WatchInboxResponse]") -> None:
        self._stream = stream
        self.shown: dict[str, Consultation] = {}
        """Everything open, as it was told last."""

    async def next(self) -> WatchInboxResponse:
        """The next message. Errors: ApricotError."""
        async with asyncio.timeout(PATIENCE):
            try:
                message = await self._stream.read()
            except grpc.aio.AioRpcError as error:
                raise ApricotError.of(error) from error
        assert isinstance(message, WatchInboxResponse)
        if message.HasField("consultation"):
            self.shown[message.consultation.consultation_id] = message.consultation
        self.shown.pop(message.gone_consultation_id, None)
        return message

    async def until_live(self) -> "OpenInbox":
        """Everything that was open is shown."""
        while not (await self.next()).live:
            pass
        return self

    async def until(self, condition: Callable[[dict[str, Consultation]], bool]) -> float:
        """Read on until what is shown is so; after how many seconds it was."""
        began = time.monotonic()
        while not condition(self.shown):
            await self.next()
        return time.monotonic() - began

    async def end(self) -> ApricotError:
        """Read on to the error that ends it."""
        while True:
            try:
                await self.next()
            except ApricotError as error:
                return error


@asynccontextmanager
async def inbox(address: str, person: Person) -> AsyncIterator[OpenInbox]:
    """`address` is a replica's or the gateway's."""
    metadata = (("authorization", f"Bearer {await person.token()}"),)
    async with grpc.aio.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        stream = ConsultationServiceStub(channel).WatchInbox(WatchInboxRequest(), metadata=metadata)
        yield OpenInbox(stream)
        stream.cancel()
