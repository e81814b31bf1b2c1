"""Somebody who listens to a conversation, for tests."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import grpc
from apricot.consult.v1.conversation_pb2 import ConverseRequest, ConverseResponse, Message, SignalShown
from apricot.consult.v1.conversation_pb2_grpc import ConversationServiceStub

from clients.sdk import ApricotError, Conversation
from tests.kit.running import until
from tests.patience import PATIENCE
from tests.people import Person


class Ear:
    """What has come to a device so far."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.updates: list[ConverseResponse] = []
        self.messages: list[Message] = []
        self.signals: list[SignalShown] = []
        self.error: ApricotError | None = None

    async def listen(self) -> None:
        """Until the talk ends."""
        try:
            async for update in self.talk:
                self.updates.append(update)
                if update.HasField("message"):
                    self.messages.append(update.message)
                if update.HasField("signal"):
                    self.signals.append(update.signal)
        except ApricotError as error:
            self.error = error

    def texts(self) -> list[str]:
        """What was said, in the order it came."""
        return [message.content.text for message in self.messages]

    async def has(self, sequence: int) -> None:
        """Wait for the message at this place."""
        await until(lambda: any(message.sequence == sequence for message in self.messages))

    async def sees(self, field: str) -> ConverseResponse:
        """Wait for an update of this kind; the last one."""
        await until(lambda: any(update.HasField(field) for update in self.updates))  # type: ignore[arg-type]
        return next(update for update in reversed(self.updates) if update.HasField(field))  # type: ignore[arg-type]


@asynccontextmanager
async def listening(
    person: Person, consultation_id: str, *, device_id: str = "", resume_token: str = "", address: str = ""
) -> AsyncIterator[Ear]:
    """Somebody's device in a conversation, that has joined: through the gateway, or at this replica."""
    async with AsyncExitStack() as stack:
        talk = person.session.converse(consultation_id, device_id or str(uuid4()), resume_token=resume_token)
        if address:
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(address))
            talk._stub = ConversationServiceStub(channel)
        await stack.enter_async_context(talk)
        ear = Ear(talk)
        task = asyncio.create_task(ear.listen())
        stack.callback(task.cancel)
        await until(lambda: ear.error is not None or any(update.HasField("joined") for update in ear.updates))
        if ear.error is not None:
            raise ear.error
        yield ear


async def raw(
    person: Person, address: str, frames: Iterable[ConverseRequest], wanted: int
) -> tuple[list[ConverseResponse], ApricotError | None]:
    """The first answers to these frames, without the SDK; or what came until the stream ended, and how."""
    found: list[ConverseResponse] = []
    async with grpc.aio.insecure_channel(address) as channel:
        metadata = (("authorization", f"Bearer {await person.token()}"),)
        stream = ConversationServiceStub(channel).Converse(metadata=metadata)
        try:
            async with asyncio.timeout(PATIENCE):
                for frame in frames:
                    await stream.write(frame)
                while len(found) < wanted and isinstance(answer := await stream.read(), ConverseResponse):
                    if not answer.HasField("sign_of_life"):
                        found.append(answer)
        except grpc.aio.AioRpcError as error:
            return found, ApricotError.of(error)
        except asyncio.InvalidStateError:  # it ended while frames were written
            status = grpc.aio.AioRpcError(
                await stream.code(), await stream.initial_metadata(), await stream.trailing_metadata()
            )
            return found, ApricotError.of(status)
        stream.cancel()
    return found, None
