"""A device in a conversation, with the messages and calls that it is shown."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from apricot.consult.v1.call_pb2 import Call
from apricot.consult.v1.conversation_pb2 import ConverseResponse, Message

from clients.sdk import Conversation, Switchboard
from tests.consult.calls.arranged import Device
from tests.kit.running import until


class Line:
    """Keeps the calls in the order they were shown, and hands every update on."""

    def __init__(self, device: Device, talk: Conversation) -> None:
        self.device = device
        self.talk = talk
        self.board = Switchboard(talk, device.device_id)
        self.calls: list[Call] = []
        self.messages: list[Message] = []
        self.on_update: Callable[[ConverseResponse], None] = self.board.hear
        self._joined = asyncio.Event()

    async def listen(self) -> None:
        async for update in self.talk:
            if update.HasField("joined"):
                self._joined.set()
                if update.joined.HasField("call"):
                    self.calls.append(update.joined.call)
            elif update.HasField("call"):
                self.calls.append(update.call)
            elif update.HasField("message"):
                self.messages.append(update.message)
            self.on_update(update)

    async def joined(self) -> None:
        await self._joined.wait()

    async def sees(self, state: int, call_id: str = "") -> Call:
        """Wait until the last call it was shown is in this state."""
        await until(
            lambda: bool(self.calls) and self.calls[-1].state == state and call_id in ("", self.calls[-1].call_id)
        )
        return self.calls[-1]

    @property
    def rings(self) -> bool:
        """Whether this device rings, by what it was shown."""
        return bool(self.calls) and self.device.person.account_id in self.calls[-1].ringing_ids


@asynccontextmanager
async def on_line(*devices: Device) -> AsyncIterator[list[Line]]:
    """They have all joined."""
    async with asyncio.TaskGroup() as group:
        lines = []
        for device in devices:
            talk = device.person.session.converse(device.consultation_id, device.device_id)
            await talk.__aenter__()
            line = Line(device, talk)
            group.create_task(line.listen())
            lines.append(line)
        try:
            for line in lines:
                await line.joined()
            yield lines
        finally:
            for line in lines:
                await line.talk.close()
