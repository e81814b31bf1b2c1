"""This process's open conversations: who is in them, what is said there and by whom it is read; and how it is kept in
step with the other processes: by hints at once, and by a look at the database every second."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from uuid import UUID, uuid4

import structlog
from apricot.consult.v1.conversation_pb2 import ConverseResponse, PresenceShown, ReceiptShown, TypingShown
from apricot.errors.v1.reason_pb2 import Reason

from kit import telemetry
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError
from kit.hints import Hints
from kit.outages import is_outage
from services.consult.events import conversation_key, inbox_key
from services.consult.rpc.items import update_of
from services.consult.rpc.looks import Look
from services.consult.rpc.room import Room
from services.consult.rpc.talk import Talk
from services.consult.store import conversations, presence, receipts
from services.consult.store.conversation_log import ConversationLog, Said
from services.consult.store.presence import OpenStream

log = structlog.get_logger()

LOOK_SECONDS = 1.0
"""After which each conversation is looked at again."""
_LOOKS = 10
"""In that time, each at a share of them: one at all of them would hold up what is said meanwhile."""
_LOOKS_A_REFRESH = 50
_RECEIPT_SECONDS = 0.1
"""Receipts, and hints to inboxes, of this long go together."""
_MOST_HINTS = 10_000
"""That wait to be sent; more are dropped, as hints may be."""


class Rooms:
    """The conversations that somebody is in."""

    def __init__(self, database: Database, hints: Hints, clock: Clock, looks: Mapping[str, Look]) -> None:
        """`looks` are what a conversation shows beside what is said and the consultation itself."""
        self._database = database
        self._hints = hints
        self._clock = clock
        self.looks = looks
        self.log = ConversationLog(database, clock, self._on_commit)
        self.process_id = uuid4()
        self._rooms: dict[UUID, Room] = {}
        self._talks: dict[Talk, OpenStream] = {}
        self._receipts: dict[tuple[UUID, UUID], receipts.Receipt] = {}
        self._inboxes: set[tuple[UUID, UUID]] = set()
        self._hints_to_send: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(_MOST_HINTS)
        self._partings: set[asyncio.Task[None]] = set()
        self._looked = 0

    @contextmanager
    def enter(self, consultation_id: UUID) -> Iterator[Room]:
        """The room of a conversation, which hears its hints as long as somebody is in it."""
        room = self._rooms.get(consultation_id)
        if room is None:
            room = self._rooms[consultation_id] = Room(self._database, consultation_id, self.looks)
            room.listening.enter_context(self._hints.listen(conversation_key(consultation_id), room.hear))
        room.guests += 1
        try:
            yield room
        finally:
            room.guests -= 1
            if not room.guests:
                room.listening.close()
                del self._rooms[consultation_id]

    @contextmanager
    def open(self, room: Room, talk: Talk, stream: OpenStream) -> Iterator[None]:
        """A stream that has joined: it is present, gets what the room gets, and ends with its token, its session or the
        process. An older one of the same device ends."""
        for other in room.talks:
            if (other.account_id, other.device_id) == (talk.account_id, talk.device_id):
                other.end(ApricotError(Reason.REASON_ALREADY_EXISTS, "the device has joined anew"))
        self._talks[talk] = stream
        room.talks.add(talk)
        telemetry.WATCHERS.inc()
        self._tell_presence(stream, present=True)
        expired = ApricotError(Reason.REASON_TOKEN_EXPIRED, "the access token has expired; resume")
        seconds = (talk.call.caller.expire_time - self._clock()).total_seconds()
        token_end = asyncio.get_running_loop().call_later(seconds, talk.end, expired)
        try:
            yield
        finally:
            token_end.cancel()
            telemetry.WATCHERS.dec()
            room.talks.discard(talk)
            del self._talks[talk]
            task = asyncio.create_task(self._part(stream))
            self._partings.add(task)
            task.add_done_callback(self._partings.discard)

    def drain(self) -> None:
        """End every stream; its client goes on at another replica."""
        for talk in self._talks:
            talk.end(ApricotError(Reason.REASON_UNAVAILABLE, "this replica is stopping; resume elsewhere"))

    def on_sessions_ended(self, sessions: frozenset[UUID]) -> None:
        """Their streams end."""
        for talk in self._talks:
            if talk.call.caller.session_id in sessions:
                talk.end(ApricotError(Reason.REASON_SESSION_ENDED, "the session has ended"))

    def type(self, talk: Talk, consultation_id: UUID, typing: bool) -> None:
        """Somebody types, or no longer."""
        shown = TypingShown(account_id=str(talk.account_id), typing=typing)
        self._tell(consultation_id, ConverseResponse(typing=shown))

    def receive(self, talk: Talk, room: Room, delivered: int, read: int) -> None:
        """How far the messages have come with somebody; stored a moment later, with others'."""
        assert room.patient_id is not None  # noqa: S101  it has begun before it has streams
        key = room.consultation_id, talk.account_id
        new = receipts.Receipt(room.consultation_id, talk.account_id, room.patient_id, max(delivered, read), read)
        earlier = self._receipts.get(key)
        self._receipts[key] = new if earlier is None else new.and_earlier(earlier)

    async def run(self) -> None:
        """Keep in step with the other processes until cancelled; outages are waited out."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send_hints())
                group.create_task(self._again(self._store_receipts, _RECEIPT_SECONDS))
                group.create_task(self._again(self._look, LOOK_SECONDS / _LOOKS))
        finally:
            await self._once(self._store_receipts)
            await self._once(lambda: presence.say_ended(self._database, self.process_id))

    async def _again(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            await self._once(work)
            await asyncio.sleep(seconds)

    async def _once(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("conversations wait for a part", error=type(error).__name__)

    def _on_commit(self, new: Sequence[Said]) -> None:
        for said in new:
            self._tell(said.consultation_id, update_of(said.consultation_id, said))
            room = self._rooms.get(said.consultation_id)
            if room is not None and said.call_id is None:
                self._inboxes.update((account, said.consultation_id) for account in room.members)

    def _tell(self, consultation_id: UUID, update: ConverseResponse) -> None:
        """An update, to every process; here at once."""
        payload = update.SerializeToString()
        if (room := self._rooms.get(consultation_id)) is not None:
            room.hear(payload)
        with suppress(asyncio.QueueFull):
            self._hints_to_send.put_nowait((conversation_key(consultation_id), payload))

    async def _send_hints(self) -> None:
        while True:
            await self._hints.send_away(*(await self._hints_to_send.get()))

    def _tell_presence(self, stream: OpenStream, *, present: bool) -> None:
        shown = PresenceShown(account_id=str(stream.account_id), present=present)
        self._tell(stream.consultation_id, ConverseResponse(presence=shown))

    async def _part(self, stream: OpenStream) -> None:
        """A stream is over. In an outage its process's next sign of life, or the lack of it, tells."""
        try:
            if await presence.leave(self._database, stream):
                self._tell_presence(stream, present=False)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("a stream's end could not be told", error=type(error).__name__)

    async def _store_receipts(self) -> None:
        pending, self._receipts = self._receipts, {}
        if pending:
            try:
                stored = await receipts.store(self._database, pending.values())
            except Exception:
                for key, receipt in pending.items():  # to be tried again, unless newer ones have come
                    newer = self._receipts.get(key)
                    self._receipts[key] = receipt if newer is None else newer.and_earlier(receipt)
                raise
            for receipt in stored:
                shown = ReceiptShown(
                    account_id=str(receipt.account_id),
                    delivered_sequence=receipt.delivered_sequence,
                    read_sequence=receipt.read_sequence,
                )
                self._tell(receipt.consultation_id, ConverseResponse(receipt=shown))
        inboxes, self._inboxes = self._inboxes, set()
        for account, consultation_id in inboxes:
            await self._hints.send(inbox_key(account), consultation_id.bytes)

    async def _look(self) -> None:
        looked, self._looked = self._looked, 0  # behind an outage everything is said again
        if looked % _LOOKS_A_REFRESH == 0:
            await presence.say_alive(self._database, self.process_id, list(self._talks.values()))
        share = list(self._rooms.values())[looked % _LOOKS :: _LOOKS]
        begun = [room for room in share if room.patient_id is not None]
        presences = [room.presences for room in begun]
        named = [(room.consultation_id, room.patient_id) for room in begun if room.patient_id is not None]
        figures = await conversations.figures(self._database, named) if named else {}
        for room, count in zip(begun, presences, strict=True):
            if room.consultation_id in figures:
                room.compare(figures[room.consultation_id], count)
        self._looked = looked + 1
