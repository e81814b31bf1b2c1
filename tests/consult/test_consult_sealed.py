"""What patients and doctors say, write and are called lies sealed in consult's database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1 import rating_pb2
from apricot.consult.v1.call_pb2 import IceCandidate, Signal
from apricot.consult.v1.consultation_pb2 import Guardian
from apricot.consult.v1.conversation_pb2 import MessageContent
from apricot.errors.v1.reason_pb2 import Reason

from kit.database import Database
from kit.errors import ApricotError
from kit.exports import record_of
from kit.idempotency import DIGEST
from kit.resealing import FIGURE, SETTLED, Resealing, sealed_columns
from kit.sealing import SealingKeys
from services.consult.domain.calls import Media
from services.consult.rpc.exports import kinds_of
from services.consult.store import calls, consultations, conversations, tables
from services.consult.store.conversation_log import ConversationLog, Said
from stack.platform import Platform
from tests.consult.booking.practice import Practice as Surgery
from tests.consult.life.practice import Practice
from tests.in_process import HandClock, own_database
from tests.sealed import whereabouts

COMPLAINT, MOTHER, NOTE, SUMMARY = "夜里口渴得厉害", "孙桂兰", "请先到医院面诊", "二甲双胍减半"
COMMENT, REPLY, WITHDRAWN = "耐心地听完了", "祝您早日康复", "那天出诊不在"
SAID, ADDRESS = "右脚有些发麻", "candidate 198.51.100.7"
NAMES = ["李小明", "李**", "小杏"]
"""The patient's, as the two practices know them, and as a rating shows it."""
WORDS = [COMPLAINT, MOTHER, NOTE, SUMMARY, COMMENT, REPLY, WITHDRAWN, SAID, ADDRESS, *NAMES]
ON_THEIR_WAY = {"outbox.payload"}
"""Events are open until they are published, for milliseconds; no relay runs in these tests."""
ELSEWHERE = {"prescription_revision", "health_record_revision"}
"""In a test beside a real identity."""
SEALED = {
    column.column
    for row in (vars(tables)[name] for name in tables.__all__)
    for column in sealed_columns(row.__table__).values()
    if row.__tablename__ not in ELSEWHERE
} - {DIGEST}
"""A digest has no words."""
OLD, NEW = {"tests": b"t" * 32}, {"new": bytes(32)}


class Story:
    """A patient's consultations and appointments."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.practice, self.surgery = Practice(database), Surgery(database)
        self.surgery.patient = self.practice.patient
        self.log = ConversationLog(database, self.practice.clock, lambda _: None)
        self.device, self.client_ids = uuid4(), [uuid4(), uuid4()]
        self.consultation, self.call_id = "", uuid4()

    def of(self, database: Database) -> "Story":
        """The same, by a database with other keys."""
        again = Story(database)
        again.practice.patient, again.practice.doctor = self.practice.patient, self.practice.doctor
        again.device, again.client_ids = self.device, self.client_ids
        again.consultation, again.call_id = self.consultation, self.call_id
        return again

    async def write(self) -> "Story":
        practice = await self.practice.staffed()
        refused = await practice.claim(await practice.open(practice.doctor))
        await practice.decide(refused, eligible=False, note=NOTE)
        mother = Guardian(name=MOTHER, relationship="母亲")
        ended = await practice.claim(await practice.open(practice.doctor, complaint=COMPLAINT, guardian=mother))
        rating = await practice.rate(await practice.close(ended, summary=SUMMARY), comment=COMMENT)
        request = rating_pb2.ReplyToRatingRequest(request_id=str(uuid4()), rating_id=rating.rating_id, reply=REPLY)
        await practice.ratings.ReplyToRating(request, practice.call("ReplyToRating", practice.doctor))
        surgery = await self.surgery.open()
        slot = await surgery.slot()
        await surgery.book(slot)
        await surgery.withdraw_slot(slot, note=WITHDRAWN)
        self.consultation = (await practice.claim(await practice.open(practice.doctor))).consultation_id
        await self._begin_call()
        await self.say(SAID)
        await self.signal()
        return self

    async def _begin_call(self) -> None:
        patient, now = self.practice.patient, self.practice.clock()
        async with self.database.transaction() as session:
            row = await consultations.find(session, patient, UUID(self.consultation))
            assert row is not None
            call = await calls.begin(session, row, patient, Media.VIDEO, now, ringing=[], by_sfu=False)
            await calls.enter(session, call, patient, self.device, now)
        self.call_id = call.call_id

    async def say(self, text: str, nth: int = 0) -> int:
        """A message, as the conversation takes it; its place."""
        return await self._add(MessageContent(text=text).SerializeToString(), nth, None)

    async def signal(self, address: str = ADDRESS, nth: int = 1) -> int:
        """A call's signal; its place."""
        signal = Signal(call_id=str(self.call_id), candidate=IceCandidate(candidate=address))
        return await self._add(signal.SerializeToString(), nth, self.call_id)

    async def _add(self, content: bytes, nth: int, call_id: UUID | None) -> int:
        consultation, sender = UUID(self.consultation), self.practice.patient
        said = Said(consultation, sender, self.device, self.client_ids[nth], content, call_id)
        return (await self.log.add(said)).sequence

    async def told(self) -> str:
        """Everything that is read of it again: the patient's export, the conversation, what the doctor sees."""
        practice = self.practice
        kinds = kinds_of(cast(Any, None), practice.clock)
        export = [part async for part in record_of(self.database, kinds, practice.patient, practice.clock())]
        rows, _ = await conversations.said_after(self.database, practice.patient, UUID(self.consultation), 0, 100)
        listed = (await practice.listed(practice.doctor)).consultations
        shown = b"".join(each.SerializeToString() for each in listed)
        return b"".join([*export, *(row.content for row in rows), shown]).decode(errors="replace")


@asynccontextmanager
async def opened(database: Database, keys: SealingKeys) -> AsyncIterator[Database]:
    """The same with other keys."""
    other = Database(database.url, "consult", keys)
    yield other
    await other.close()


async def test_a_copy_of_the_database_does_not_tell_it(engines: Platform) -> None:
    async with own_database(engines, "consult") as database:
        story = await Story(database).write()
        assert await whereabouts(database, WORDS) == ON_THEIR_WAY
        told = await story.told()
        assert [words for words in WORDS if words not in told] == []


async def test_while_plain_comes_first_an_older_release_reads_it(engines: Platform) -> None:
    """And the words of the other tests are in everything that is sealed."""
    async with (
        own_database(engines, "consult") as database,
        opened(database, SealingKeys(OLD, seals=False)) as unsealed,
    ):
        await Story(unsealed).write()
        assert await whereabouts(database, WORDS) == SEALED | ON_THEIR_WAY


async def test_the_key_changes_and_what_was_written_stays(engines: Platform) -> None:
    clock = HandClock()
    async with own_database(engines, "consult") as database:
        story = await Story(database).write()
        before = await story.told()
        async with opened(database, SealingKeys(NEW | OLD)) as both:
            for _ in range(2):
                await Resealing(both, clock, tables).walk_all()
                clock.now += SETTLED
            async with both.connection() as connection:
                assert await connection.fetchval(FIGURE.query) == 0
        async with opened(database, SealingKeys(NEW)) as after:
            assert await story.of(after).told() == before


async def test_what_was_said_before_is_known_by_its_content(engines: Platform) -> None:
    async with own_database(engines, "consult") as database:
        story = await Story(database).write()
        said, signalled = await story.say(SAID), await story.signal()
        assert (await story.say(SAID), await story.signal()) == (said, signalled)
        for other in story.say("another"), story.say(SAID, 1), story.signal("another"), story.signal(nth=0):
            with pytest.raises(ApricotError) as refused:
                await other
            assert refused.value.reason == Reason.REASON_REQUEST_ID_REUSED
