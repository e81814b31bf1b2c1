"""Who may say what, and when; what is refused does not end the talk."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.consult.v1.call_pb2 import IceCandidate, Signal
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_STATE_ACTIVE,
    CONSULTATION_STATE_CLOSED,
    CONSULTATION_STATE_WAITING,
    MEMBER_ROLE_COLLEAGUE,
)
from apricot.consult.v1.conversation_pb2 import (
    NOTICE_KIND_ENDED,
    Card,
    ConverseRequest,
    Join,
    ListMessagesRequest,
    MessageContent,
    Notice,
    PlanCard,
    ReadingWindow,
    Send,
    VoiceNote,
)
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk import ApricotError
from kit.database import Database
from kit.times import to_timestamp
from services.consult.store.messages import add_notice
from stack.platform import Platform
from tests.consult.talk.arranged import Arranged, arranged
from tests.consult.talk.ear import Ear, listening, raw
from tests.kit.running import until
from tests.people import People


async def refused(ear: Ear, content: MessageContent) -> Reason.ValueType:
    """Why a message is refused; and see that the talk goes on."""
    with pytest.raises(ApricotError) as caught:
        await ear.talk.send(content)
    return caught.value.reason


def window(days: float) -> ReadingWindow:
    now = datetime.now(UTC)
    return ReadingWindow(start_time=to_timestamp(now - timedelta(days=days)), end_time=to_timestamp(now))


@pytest.fixture(scope="module")
async def made(people: People, consult_database: Database) -> Arranged:
    return await arranged(people, consult_database, shared_scopes=[SCOPE_GLUCOSE_READ])


async def test_what_breaks_a_rule_is_refused_and_the_talk_goes_on(made: Arranged) -> None:
    async with listening(made.patient, made.consultation_id) as patient:
        bad = [
            MessageContent(),
            MessageContent(text=""),
            MessageContent(text="x" * 4001),
            MessageContent(picture_attachment_id="no uuid"),
            MessageContent(notice=Notice(kind=NOTICE_KIND_ENDED)),
            MessageContent(card=Card(reading_window=window(-1))),
            MessageContent(card=Card(report_window=window(91))),
        ]
        for content in bad:
            assert await refused(patient, content) == Reason.REASON_INVALID_FIELD
        for content in (
            MessageContent(picture_attachment_id=str(uuid4())),
            MessageContent(voice_note=VoiceNote(attachment_id=str(uuid4()), duration_seconds=3)),
            MessageContent(document_attachment_id=str(uuid4())),
        ):
            assert await refused(patient, content) == Reason.REASON_NOT_FOUND
        assert (await patient.talk.say("x" * 4000)).sequence


async def test_the_doctor_points_to_what_the_patient_shares_alone(made: Arranged) -> None:
    plan = MessageContent(card=Card(plan=PlanCard(plan_id=str(uuid4()), revision=1)))
    report = MessageContent(card=Card(report_window=window(14)))
    readings = MessageContent(card=Card(reading_window=window(90)))
    async with (
        listening(made.patient, made.consultation_id) as patient,
        listening(made.doctor, made.consultation_id) as doctor,
    ):
        for card in plan, report:
            assert await refused(doctor, card) == Reason.REASON_NOT_ALLOWED
            assert (await patient.talk.send(card)).sequence
        for ear in doctor, patient:
            assert (await ear.talk.send(readings)).sequence


async def test_while_it_waits_the_patient_alone_may_add(people: People, consult_database: Database) -> None:
    made = await arranged(people, consult_database, state=CONSULTATION_STATE_WAITING)
    signal = Signal(call_id=str(uuid4()), candidate=IceCandidate(candidate="x"))
    async with (
        listening(made.patient, made.consultation_id) as patient,
        listening(made.doctor, made.consultation_id) as doctor,
    ):
        assert (await patient.talk.say("and my feet hurt")).sequence == 1
        assert await refused(doctor, MessageContent(text="hm")) == Reason.REASON_WRONG_STATE
        for ear in patient, doctor:
            with pytest.raises(ApricotError) as caught:
                await ear.talk.send_signal(signal)
            assert caught.value.reason == Reason.REASON_WRONG_STATE


async def test_after_the_end_it_can_be_read_and_nothing_said(people: People, consult_database: Database) -> None:
    made = await arranged(people, consult_database)
    async with listening(made.patient, made.consultation_id) as patient:
        first = await patient.talk.send(MessageContent(text="1"), client_id=(client_id := str(uuid4())))
        await made.enter(CONSULTATION_STATE_CLOSED)
        assert await refused(patient, MessageContent(text="2")) == Reason.REASON_WRONG_STATE
        assert await patient.talk.send(MessageContent(text="1"), client_id=client_id) == first  # it was said before
    async with listening(made.doctor, made.consultation_id) as doctor:
        await doctor.has(1)
        assert doctor.updates[0].joined.consultation.state == CONSULTATION_STATE_CLOSED


async def test_nothing_is_said_behind_the_end(platform: Platform, people: People, consult_database: Database) -> None:
    """However the end and what is said cross: the notice of the end is the last thing in the conversation."""
    patient, doctor = await people.patient(), await people.new_clinician()
    for _ in range(3):
        made = await arranged(people, consult_database, patient=patient, doctor=doctor)
        one, other = platform.addresses("consult")
        async with (
            listening(patient, made.consultation_id, address=one) as first,
            listening(doctor, made.consultation_id, address=other) as second,
        ):
            said: list[int] = []

            async def speak(ear: Ear, said: list[int] = said) -> None:
                while True:
                    try:
                        said.append((await ear.talk.say("…")).sequence)
                    except ApricotError as error:
                        if error.reason == Reason.REASON_WRONG_STATE:
                            return
                        raise

            speaking = asyncio.gather(speak(first), speak(second))
            await until(lambda said=said: len(said) > 10)  # type: ignore[misc]
            end = await _close(consult_database, made)
            await speaking
            assert max(said) < end
            for ear in first, second:
                await ear.has(end)
                assert [message.sequence for message in ear.messages] == list(range(1, end + 1))


async def _close(database: Database, made: Arranged) -> int:
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "update consultation set state = 3 where consultation_id = $1", (UUID(made.consultation_id),)
        )
        return await add_notice(
            session,
            UUID(made.patient.account_id),
            UUID(made.consultation_id),
            NOTICE_KIND_ENDED,
            datetime.now(UTC),
        )


async def test_to_whom_takes_no_part_there_is_no_conversation(people: People, made: Arranged) -> None:
    stranger = await people.new_clinician()
    with pytest.raises(ApricotError) as caught:
        async with listening(stranger, made.consultation_id):
            pass
    assert caught.value.reason == Reason.REASON_NOT_FOUND
    calls: list[Callable[[], object]] = [
        lambda: stranger.session.conversations.ListMessages(ListMessagesRequest(consultation_id=made.consultation_id)),
        lambda: stranger.session.upload_attachment(made.consultation_id, b"%PDF-1.7 %%EOF"),
        lambda: stranger.session.download_attachment(made.consultation_id, str(uuid4())),
    ]
    for call in calls:
        with pytest.raises(ApricotError) as caught:
            await call()  # type: ignore[misc]
        assert caught.value.reason == Reason.REASON_NOT_FOUND


async def test_who_no_longer_takes_part_is_shown_out(people: People, consult_database: Database) -> None:
    made = await arranged(people, consult_database)
    colleague = await people.new_clinician()
    await made.add_member(colleague, MEMBER_ROLE_COLLEAGUE)
    async with (
        listening(made.patient, made.consultation_id) as patient,
        listening(colleague, made.consultation_id) as ear,
    ):
        assert (await ear.talk.say("I think so too")).sequence == 1
        await made.remove_member(colleague)
        assert await refused(ear, MessageContent(text="and")) == Reason.REASON_NOT_FOUND
        await until(lambda: ear.error is not None)
        assert ear.error is not None
        assert ear.error.reason == Reason.REASON_NOT_FOUND
        await until(lambda: any(len(update.consultation.members) == 2 for update in patient.updates))


async def test_the_first_frame_joins_and_no_other_does(platform: Platform, made: Arranged) -> None:
    address = platform.gateway_address.removeprefix("http://")
    join = ConverseRequest(join=Join(consultation_id=made.consultation_id, device_id=str(uuid4())))
    say = ConverseRequest(send=Send(client_id=str(uuid4()), content=MessageContent(text="x")))
    for frames in [say], [join, join], [ConverseRequest()]:
        _, error = await raw(made.patient, address, frames, 9)
        assert error is not None
        assert error.reason == Reason.REASON_INVALID_FIELD


async def test_a_token_of_another_conversation_is_not_taken(
    platform: Platform, people: People, made: Arranged, consult_database: Database
) -> None:
    other = await arranged(people, consult_database, patient=made.patient, doctor=made.doctor)
    async with listening(made.patient, other.consultation_id) as ear:
        await ear.talk.say("elsewhere")
        await ear.has(1)
        foreign = ear.talk.resume_token
    address = platform.gateway_address.removeprefix("http://")
    for token in foreign, "x", "e30=", "WzEsMl0=":
        join = Join(consultation_id=made.consultation_id, device_id=str(uuid4()), resume_token=token)
        _, error = await raw(made.patient, address, [ConverseRequest(join=join)], 9)
        assert error is not None
        assert error.reason == Reason.REASON_INVALID_RESUME_TOKEN


async def test_a_ninth_device_is_refused_and_a_device_that_joins_again_is_none(
    platform: Platform, people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database)
    address = platform.gateway_address.removeprefix("http://")
    devices = [str(uuid4()) for _ in range(9)]

    def join(device: str) -> list[ConverseRequest]:
        return [ConverseRequest(join=Join(consultation_id=made.consultation_id, device_id=device))]

    async with asyncio.TaskGroup() as group:
        entered = asyncio.Semaphore(0)
        leave = asyncio.Event()

        async def stay(device: str) -> None:
            async with listening(made.patient, made.consultation_id, device_id=device):
                entered.release()
                await leave.wait()

        for device in devices[:8]:
            group.create_task(stay(device))
        for _ in range(8):
            await entered.acquire()
        _, error = await raw(made.patient, address, join(devices[8]), 1)
        assert error is not None
        assert error.reason == Reason.REASON_RATE_LIMITED
        found, error = await raw(made.patient, address, join(devices[0]), 1)
        assert error is None
        assert found[0].HasField("joined")
        leave.set()


async def test_who_says_too_much_at_once_is_slowed_down(
    platform: Platform, people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database)
    address = platform.gateway_address.removeprefix("http://")
    join = Join(consultation_id=made.consultation_id, device_id=str(uuid4()))
    flood = [Send(client_id=str(uuid4()), content=MessageContent(text=str(n))) for n in range(120)]
    frames = [ConverseRequest(join=join), *(ConverseRequest(send=send) for send in flood)]
    answers, error = await raw(made.patient, address, frames, 181)  # sixty at least are taken, and shown
    assert error is None
    refusals = [answer.refused.reason for answer in answers if answer.HasField("refused")]
    assert set(refusals) == {Reason.REASON_RATE_LIMITED}
    assert len(refusals) <= 60
    async with listening(made.patient, made.consultation_id) as patient:
        said = await asyncio.gather(*(patient.talk.say(f"again {n}") for n in range(120)))
    assert len({acknowledged.sequence for acknowledged in said}) == 120


async def test_a_waiting_consultation_becomes_active_before_everybodys_eyes(
    people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database, state=CONSULTATION_STATE_WAITING)
    async with listening(made.patient, made.consultation_id) as patient:
        assert patient.updates[0].joined.consultation.state == CONSULTATION_STATE_WAITING
        await made.enter(CONSULTATION_STATE_ACTIVE)
        shown = await patient.sees("consultation")
        assert shown.consultation.state == CONSULTATION_STATE_ACTIVE
