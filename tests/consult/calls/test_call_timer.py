"""What time makes of calls."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from apricot.consult.v1.call_pb2 import CALL_END_FAILED, CALL_END_MISSED, CALL_STATE_ACTIVE, CALL_STATE_RINGING
from apricot.consult.v1.conversation_pb2 import NOTICE_KIND_CALL_ENDED, NOTICE_KIND_CALL_MISSED

from kit.database import Database
from services.consult.domain.calls import RING
from services.consult.rpc.media_servers import MediaServers
from services.consult.store.calls import end_call_of
from stack.platform import Platform
from tests.consult.calls.wired_calls import Surgery
from tests.in_process import own_database


@pytest.fixture(scope="module")
async def surgery_database(engines: Platform) -> AsyncIterator[Database]:
    async with own_database(engines, "consult") as database:
        yield database


@pytest.fixture
async def surgery(surgery_database: Database) -> Surgery:
    made = Surgery(surgery_database, MediaServers())
    await made.open()
    return made


async def test_a_ring_is_pushed_to_those_whom_it_rings(surgery: Surgery) -> None:
    await surgery.join(surgery.patient)
    assert await surgery.rung() == [surgery.doctor]
    await surgery.join(surgery.doctor)
    assert await surgery.rung() == [surgery.doctor]


async def test_a_call_that_nobody_answers_is_missed(surgery: Surgery) -> None:
    await surgery.join(surgery.patient)
    surgery.clock.advance(seconds=RING.total_seconds() - 1)
    await surgery.timer.look()
    assert (await surgery.newest()).state == CALL_STATE_RINGING
    surgery.clock.advance(seconds=1)
    told = len(surgery.told.consultations)
    await surgery.timer.look()
    assert len(surgery.told.consultations) == told + 1
    missed = await surgery.newest()
    assert (missed.end, list(missed.ringing_ids), missed.HasField("answer_time")) == (CALL_END_MISSED, [], False)
    (notice,) = await surgery.notices()
    assert (notice.kind, notice.account_id, notice.object_id, notice.duration_seconds) == (
        NOTICE_KIND_CALL_MISSED,
        str(surgery.patient),
        missed.call_id,
        0,
    )
    await surgery.timer.look()
    assert len(await surgery.notices()) == 1, "it is missed once"
    assert (await surgery.join(surgery.patient)).call.state == CALL_STATE_RINGING, "and the caller may call again"


async def test_a_call_that_was_answered_is_not_missed(surgery: Surgery) -> None:
    call = (await surgery.join(surgery.patient)).call
    surgery.clock.advance(seconds=30)
    await surgery.join(surgery.doctor)
    surgery.clock.advance(seconds=20)
    await surgery.timer.look()
    assert (await surgery.newest()).state == CALL_STATE_ACTIVE
    surgery.clock.advance(seconds=70)
    await surgery.leave(surgery.doctor, call.call_id)
    (notice,) = await surgery.notices()
    assert (notice.kind, notice.duration_seconds) == (NOTICE_KIND_CALL_ENDED, 90), "counted from the answer"


async def test_a_call_is_never_shorter_than_nothing(surgery: Surgery) -> None:
    """It was answered where the clock runs ahead."""
    call = (await surgery.join(surgery.patient)).call
    await surgery.join(surgery.doctor)
    surgery.clock.advance(seconds=-3)
    await surgery.leave(surgery.doctor, call.call_id)
    (notice,) = await surgery.notices()
    assert (notice.kind, notice.duration_seconds) == (NOTICE_KIND_CALL_ENDED, 0)


async def test_the_call_ends_with_its_consultation(surgery: Surgery) -> None:
    await surgery.join(surgery.patient)
    await surgery.join(surgery.doctor)
    surgery.clock.advance(seconds=5)
    for _ in range(2):
        async with surgery.database.transaction() as session:
            await end_call_of(session, surgery.patient, UUID(surgery.consultation_id), surgery.clock())
    ended = await surgery.newest()
    assert (ended.end, len(ended.participants)) == (CALL_END_FAILED, 2)
    assert [notice.kind for notice in await surgery.notices()] == [NOTICE_KIND_CALL_ENDED]


async def test_a_device_may_be_away_for_half_a_minute(surgery: Surgery) -> None:
    async def away(account: UUID, seconds: int) -> None:
        await surgery.leave_conversation(account)
        await surgery.timer.look()
        surgery.clock.advance(seconds=seconds)
        await surgery.timer.look()

    for account in surgery.patient, surgery.doctor:
        await surgery.join(account)
        await surgery.enter_conversation(account)
    await away(surgery.doctor, 29)
    assert len((await surgery.newest()).participants) == 2

    await surgery.enter_conversation(surgery.doctor)
    await surgery.timer.look()
    await away(surgery.doctor, 29)
    assert len((await surgery.newest()).participants) == 2, "counted anew"

    await away(surgery.doctor, 1)
    call = await surgery.newest()
    assert (call.state, [one.account_id for one in call.participants]) == (CALL_STATE_ACTIVE, [str(surgery.patient)])

    await away(surgery.patient, 30)
    assert (await surgery.newest()).end == CALL_END_FAILED, "nobody is left"
    assert [notice.kind for notice in await surgery.notices()] == [NOTICE_KIND_CALL_ENDED]


async def test_a_caller_who_is_lost_rings_no_longer(surgery: Surgery) -> None:
    await surgery.join(surgery.patient)
    await surgery.timer.look()
    surgery.clock.advance(seconds=30)
    await surgery.timer.look()
    assert (await surgery.newest()).end == CALL_END_FAILED
    assert [notice.kind for notice in await surgery.notices()] == [NOTICE_KIND_CALL_MISSED]
