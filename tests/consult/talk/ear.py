"""Somebody who listens to a conversation, for tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from apricot.consult.v1.conversation_pb2 import ConverseResponse, Message, SignalShown

from clients.sdk import ApricotError, Conversation
from tests.kit.running import until
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
    person: Person, consultation_id: str, *, device_id: str = "", resume_token: str = ""
) -> AsyncIterator[Ear]:
    """Somebody's device in a conversation, that has joined."""
    talk = person.session.converse(consultation_id, device_id or str(uuid4()), resume_token=resume_token)
    async with talk:
        ear = Ear(talk)
        task = asyncio.create_task(ear.listen())
        try:
            await ear.sees("joined")
            yield ear
        finally:
            task.cancel()
