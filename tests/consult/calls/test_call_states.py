"""What each act makes of a call, and whom it may be had with; through the gateway, with real people."""

import asyncio
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1 import call_pb2
from apricot.consult.v1.call_pb2 import (
    CALL_END_BUSY,
    CALL_END_CANCELLED,
    CALL_END_DECLINED,
    CALL_END_HUNG_UP,
    CALL_MEDIA_AUDIO,
    CALL_MEDIA_VIDEO,
    CALL_STATE_ACTIVE,
    CALL_STATE_ENDED,
    CALL_STATE_RINGING,
)
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    CONSULTATION_MODE_VOICE,
    CONSULTATION_STATE_CLOSED,
    CONSULTATION_STATE_WAITING,
)
from apricot.consult.v1.conversation_pb2 import NOTICE_KIND_CALL_ENDED, NOTICE_KIND_CALL_MISSED, Notice

from clients.sdk import ApricotError, Reason
from kit.database import Database
from tests.consult.calls.arranged import Device, arrange_consultation
from tests.consult.calls.conftest import Pair
from tests.consult.said import said_in
from tests.people import People, Person


async def notices(database: Database, consultation_id: str) -> list[Notice]:
    return [said.notice for said in await said_in(database, consultation_id)]


async def test_a_call_is_answered_and_hung_up(pair: Pair, consult_database: Database) -> None:
    begun = (await pair.patient.join(CALL_MEDIA_VIDEO)).call
    assert (begun.state, begun.media) == (CALL_STATE_RINGING, CALL_MEDIA_VIDEO)
    assert (begun.caller_id, list(begun.ringing_ids)) == (pair.patient_id, [pair.doctor_id])
    assert [one.device_id for one in begun.participants] == [pair.patient.device_id]
    answered = (await pair.doctor.join()).call
    assert (answered.call_id, answered.state, answered.media) == (begun.call_id, CALL_STATE_ACTIVE, CALL_MEDIA_VIDEO)
    assert {one.account_id for one in answered.participants} == {pair.patient_id, pair.doctor_id}
    assert (list(answered.ringing_ids), answered.HasField("answer_time")) == ([], True)
    ended = await pair.patient.leave(begun.call_id)
    assert (ended.state, ended.end, ended.HasField("end_time")) == (CALL_STATE_ENDED, CALL_END_HUNG_UP, True)
    assert await pair.doctor.leave(begun.call_id) == ended, "one that has ended stays as it is"
    assert await pair.doctor.calls() == [ended]
    (notice,) = await notices(consult_database, pair.consultation_id)
    assert (notice.kind, notice.object_id, notice.account_id) == (
        NOTICE_KIND_CALL_ENDED,
        begun.call_id,
        pair.patient_id,
    )


async def test_a_call_is_declined(pair: Pair, consult_database: Database) -> None:
    call = (await pair.doctor.join()).call
    declined = await pair.patient.leave(call.call_id)
    assert (declined.state, declined.end) == (CALL_STATE_ENDED, CALL_END_DECLINED)
    assert [notice.kind for notice in await notices(consult_database, pair.consultation_id)] == [
        NOTICE_KIND_CALL_MISSED
    ]


async def test_a_call_is_cancelled(pair: Pair) -> None:
    call = (await pair.doctor.join()).call
    cancelled = await pair.doctor.leave(call.call_id)
    assert (cancelled.state, cancelled.end) == (CALL_STATE_ENDED, CALL_END_CANCELLED)
    assert (await pair.patient.join()).call.call_id != call.call_id, "who comes too late calls anew"


async def test_one_of_two_devices_answers(pair: Pair) -> None:
    call = (await pair.patient.join()).call
    other = Device.of(pair.doctor.person, pair.consultation_id)
    await pair.doctor.join()
    with pytest.raises(ApricotError) as refused:
        await other.join()
    assert refused.value.reason == Reason.REASON_ALREADY_EXISTS
    still = await other.leave(call.call_id)
    assert still.state == CALL_STATE_ACTIVE, "a device that is not in it ends nothing"
    assert [one.device_id for one in still.participants] == [pair.patient.device_id, pair.doctor.device_id]


async def test_a_device_joins_again(pair: Pair) -> None:
    first, again = await pair.patient.join(), await pair.patient.join()
    assert first.call == again.call


async def test_somebody_in_another_call_is_busy(people: People, pair: Pair, consult_database: Database) -> None:
    await pair.patient.join()
    await pair.doctor.join()
    second = await people.patient()
    consultation = await arrange_consultation(consult_database, second, pair.doctor.person)
    caller = Device.of(second, consultation)
    call = (await caller.join()).call
    assert (call.state, call.end) == (CALL_STATE_ENDED, CALL_END_BUSY)
    assert [notice.kind for notice in await notices(consult_database, consultation)] == [NOTICE_KIND_CALL_MISSED]
    with pytest.raises(ApricotError) as refused:
        await Device(pair.doctor.person, consultation, pair.doctor.device_id).join()
    assert refused.value.reason == Reason.REASON_ALREADY_EXISTS, "one call at a time"


async def test_two_who_call_at_one_instant_are_in_one_call(pair: Pair) -> None:
    for _ in range(3):
        answers = await asyncio.gather(pair.patient.join(), pair.doctor.join())
        (call_id,) = {answer.call.call_id for answer in answers}
        (call, *_) = await pair.patient.calls()
        assert (call.call_id, call.state, len(call.participants)) == (call_id, CALL_STATE_ACTIVE, 2)
        await pair.patient.leave(call_id)


async def test_a_doctor_answers_one_of_two_calls_at_one_instant(
    people: People, pair: Pair, consult_database: Database
) -> None:
    """Each call locks its own consultation; the person is in one of them all the same."""
    second = await people.patient()
    consultation = await arrange_consultation(consult_database, second, pair.doctor.person)
    await asyncio.gather(pair.patient.join(), Device.of(second, consultation).join())
    elsewhere = Device(pair.doctor.person, consultation, pair.doctor.device_id)
    outcomes = await asyncio.gather(pair.doctor.join(), elsewhere.join(), return_exceptions=True)
    (error,) = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert isinstance(error, ApricotError)
    assert error.reason == Reason.REASON_ALREADY_EXISTS


async def test_a_call_of_three_goes_on_until_one_is_left(
    people: People, pair: Pair, colleague: Person, consult_database: Database
) -> None:
    consultation = await arrange_consultation(consult_database, pair.patient.person, pair.doctor.person, colleague)
    patient, doctor, third = (
        Device.of(person, consultation) for person in (pair.patient.person, pair.doctor.person, colleague)
    )
    call = (await patient.join()).call
    assert set(call.ringing_ids) == {pair.doctor_id, colleague.account_id}
    declined = await third.leave(call.call_id)
    assert (declined.state, list(declined.ringing_ids)) == (CALL_STATE_RINGING, [pair.doctor_id])
    await doctor.join()
    assert len((await third.join()).call.participants) == 3, "who declined may come later"
    assert (await doctor.leave(call.call_id)).state == CALL_STATE_ACTIVE
    assert (await third.leave(call.call_id)).end == CALL_END_HUNG_UP
    ended = (await patient.calls())[0]
    assert len(ended.participants) == 3


async def test_the_mode_says_what_calls_there_are(pair: Pair, consult_database: Database) -> None:
    async def reason(mode: int, media: call_pb2.CallMedia.ValueType) -> Reason.ValueType | None:
        async with consult_database.connection() as connection:
            await connection.execute(
                "update consultation set mode = $2 where consultation_id = $1", UUID(pair.consultation_id), mode
            )
        try:
            await pair.patient.leave((await pair.patient.join(media)).call.call_id)
        except ApricotError as error:
            return error.reason
        return None

    assert await reason(CONSULTATION_MODE_TEXT, CALL_MEDIA_AUDIO) == Reason.REASON_WRONG_STATE
    assert await reason(CONSULTATION_MODE_VOICE, CALL_MEDIA_VIDEO) == Reason.REASON_WRONG_STATE
    assert await reason(CONSULTATION_MODE_VOICE, CALL_MEDIA_AUDIO) is None


@pytest.mark.parametrize("state", [CONSULTATION_STATE_WAITING, CONSULTATION_STATE_CLOSED])
async def test_only_an_active_consultation_has_calls(pair: Pair, consult_database: Database, state: int) -> None:
    async with consult_database.connection() as connection:
        await connection.execute(
            "update consultation set state = $2 where consultation_id = $1", UUID(pair.consultation_id), state
        )
    with pytest.raises(ApricotError) as refused:
        await pair.patient.join()
    assert refused.value.reason == Reason.REASON_WRONG_STATE
    assert await pair.doctor.calls() == []


async def test_to_others_there_is_no_call(people: People, pair: Pair, stranger: Person) -> None:
    call = (await pair.patient.join()).call
    outside = Device.of(stranger, pair.consultation_id)
    for attempt in (outside.join(), outside.leave(call.call_id), outside.calls(), pair.doctor.leave(str(uuid4()))):
        with pytest.raises(ApricotError) as refused:
            await attempt
        assert refused.value.reason == Reason.REASON_NOT_FOUND


async def test_a_repeated_request_is_one_call(pair: Pair) -> None:
    request = call_pb2.JoinCallRequest(
        request_id=str(uuid4()),
        consultation_id=pair.consultation_id,
        device_id=pair.patient.device_id,
        media=CALL_MEDIA_AUDIO,
    )
    calls = pair.patient.person.session.consult_calls
    first, again = await asyncio.gather(calls.JoinCall(request), calls.JoinCall(request))
    assert first == again
    await pair.patient.leave(first.call.call_id)
    assert await calls.JoinCall(request) == first
    assert len(await pair.patient.calls()) == 1
