"""How an open talk ends: with its token, its session, or its process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1.conversation_pb2 import ConverseRequest, ConverseResponse, Join
from apricot.errors.v1.reason_pb2 import Reason

from kit.bus import Bus
from kit.call import Call
from kit.clock import utc_now
from kit.database import Database
from kit.errors import ApricotError
from kit.hints import Hints
from kit.objects import Objects
from services.consult.rpc.attachments import Attachments
from services.consult.rpc.conversations import Conversations
from services.consult.rpc.rooms import Rooms
from stack.platform import Platform
from tests.consult.talk.arranged import Arranged, arranged
from tests.glucose.called import Asleep
from tests.kit.calls import call
from tests.patience import PATIENCE
from tests.people import People

PATH = "/apricot.consult.v1.ConversationService/Converse"


class Wired:
    """The service in this process."""

    def __init__(self, database: Database, bus: Bus, made: Arranged) -> None:
        self.made = made
        self.rooms = Rooms(database, Hints(bus, "consult"), utc_now, {})
        attachments = Attachments(database, Objects("memory:///"), utc_now)
        self._conversations = Conversations(database, self.rooms, attachments, Asleep(), utc_now)  # type: ignore[arg-type]

    def call(self, expire_time: datetime) -> Call:
        return call(UUID(self.made.patient.account_id), expire_time, PATH)

    async def converse(self, caller: Call, when_joined: Callable[[], object]) -> Reason.ValueType:
        """Join, and stay until the talk ends; why it does."""

        async def frames() -> AsyncIterator[ConverseRequest]:
            join = Join(consultation_id=self.made.consultation_id, device_id=str(uuid4()))
            yield ConverseRequest(join=join)
            await asyncio.sleep(PATIENCE)

        with pytest.raises(ApricotError) as caught:  # noqa: PT012  it ends by an error alone
            async with asyncio.timeout(PATIENCE), aclosing(self._conversations.Converse(frames(), caller)) as updates:
                async for update in updates:
                    if ConverseResponse.FromString(update).HasField("sign_of_life"):
                        when_joined()
        return caught.value.reason


@pytest.fixture(scope="module")
async def wired(platform: Platform, people: People, consult_database: Database) -> AsyncIterator[Wired]:
    bus = await Bus.connect(platform.nats_url, "test-talk-ends")
    yield Wired(consult_database, bus, await arranged(people, consult_database))
    await bus.close()


async def test_with_its_token(wired: Wired) -> None:
    soon = utc_now() + timedelta(seconds=0.5)
    assert await wired.converse(wired.call(soon), lambda: None) == Reason.REASON_TOKEN_EXPIRED


async def test_with_its_session(wired: Wired) -> None:
    caller = wired.call(utc_now() + timedelta(minutes=9))
    ended = frozenset({caller.caller.session_id})
    reason = await wired.converse(caller, lambda: wired.rooms.on_sessions_ended(ended))
    assert reason == Reason.REASON_SESSION_ENDED


async def test_with_its_process(wired: Wired) -> None:
    caller = wired.call(utc_now() + timedelta(minutes=9))
    assert await wired.converse(caller, wired.rooms.drain) == Reason.REASON_UNAVAILABLE
