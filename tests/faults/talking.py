"""A conversation that goes on while parts die: two people, two devices each, who all speak."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

from apricot.consult.v1.conversation_pb2 import MessageContent

from tests.consult.talk.arranged import Arranged
from tests.consult.talk.ear import Ear, listening
from tests.faults.load import until

_PAUSE_SECONDS = 0.15
"""Slower than a sender may be."""


class Speaker:
    """A device that says one thing after the other."""

    def __init__(self, ear: Ear, name: str) -> None:
        self.ear = ear
        self.name = name
        self.acknowledged: dict[str, int] = {}
        """What was said, and its place."""
        self._stopped = False

    async def speak(self) -> None:
        """Until `stop`; each message twice at times, as a client does that is not sure."""
        number = 0
        while not self._stopped:
            content, client_id = MessageContent(text=f"{self.name}-{number}"), str(uuid4())
            taken = await self.ear.talk.send(content, client_id=client_id)
            if number % 5 == 0:
                again = await self.ear.talk.send(content, client_id=client_id)
                assert again == taken
            self.acknowledged[content.text] = taken.sequence
            number += 1
            await asyncio.sleep(_PAUSE_SECONDS)

    def stop(self) -> None:
        self._stopped = True

    async def has_said(self, more: int) -> None:
        """Wait until so much more is acknowledged."""
        wanted = len(self.acknowledged) + more
        await until(lambda: len(self.acknowledged) >= wanted)


@asynccontextmanager
async def talking(made: Arranged) -> AsyncIterator[list[Speaker]]:
    """The block runs while all speak; behind it nothing acknowledged is lost, doubled or out of order at any device."""
    async with AsyncExitStack() as stack:
        people = (made.patient, made.patient, made.doctor, made.doctor)
        ears = [await stack.enter_async_context(listening(person, made.consultation_id)) for person in people]
        speakers = [Speaker(ear, f"device {number}") for number, ear in enumerate(ears)]
        async with asyncio.TaskGroup() as group:
            for speaker in speakers:
                group.create_task(speaker.speak())
            for speaker in speakers:
                await speaker.has_said(5)
            yield speakers
            for speaker in speakers:
                await speaker.has_said(5)
                speaker.stop()
        last = await ears[0].talk.say("the end")
        for ear in ears:
            await until(lambda ear=ear: bool(ear.messages) and ear.messages[-1].sequence == last.sequence)  # type: ignore[misc]
            assert [message.sequence for message in ear.messages] == list(range(1, last.sequence + 1))
            assert ear.messages == ears[0].messages
        places = {message.content.text: message.sequence for message in ears[0].messages}
        for speaker in speakers:
            for text, sequence in speaker.acknowledged.items():
                assert places[text] == sequence
            own = [text for text in ears[0].texts() if text.startswith(speaker.name)]
            assert own == [f"{speaker.name}-{number}" for number in range(len(own))]
            assert list(speaker.acknowledged) == own
