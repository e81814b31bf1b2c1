"""What is said reaches everybody, on both replicas, in one order, once."""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import asyncpg
import pytest
from apricot.consult.v1.call_pb2 import IceCandidate, SessionDescription, Signal
from apricot.consult.v1.conversation_pb2 import ListMessagesRequest, MessageContent
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk import ApricotError
from kit.database import Database
from stack.platform import Platform
from tests.consult.calls.arranged import Device
from tests.consult.talk.arranged import arranged
from tests.consult.talk.ear import listening
from tests.kit.running import until
from tests.people import People


async def test_what_one_says_the_other_hears(people: People, consult_database: Database) -> None:
    made = await arranged(people, consult_database)
    async with (
        listening(made.patient, made.consultation_id) as patient,
        listening(made.doctor, made.consultation_id) as doctor,
    ):
        first = await patient.talk.say("头晕")
        second = await doctor.talk.say("多久了？")
        assert (first.sequence, second.sequence) == (1, 2)
        for ear in patient, doctor:
            await ear.has(2)
            assert ear.texts() == ["头晕", "多久了？"]
            assert [message.sender_id for message in ear.messages] == [
                made.patient.account_id,
                made.doctor.account_id,
            ]


async def test_all_devices_on_both_replicas_see_one_order(
    platform: Platform, people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database)
    one, other = platform.addresses("consult")
    ends = [(person, address) for person in (made.patient, made.doctor) for address in (one, other)]
    async with AsyncExitStack() as stack:
        ears = [
            await stack.enter_async_context(listening(person, made.consultation_id, address=address))
            for person, address in ends
        ]

        async def speak(number: int) -> None:
            for word in range(10):
                await ears[number].talk.say(f"{number}-{word}")

        await asyncio.gather(*map(speak, range(len(ears))))
        for ear in ears:
            await ear.has(40)
            assert [message.sequence for message in ear.messages] == list(range(1, 41))
            assert ear.texts() == ears[0].texts()
        for number in range(len(ears)):
            own = [text for text in ears[0].texts() if text.startswith(f"{number}-")]
            assert own == [f"{number}-{word}" for word in range(10)]


async def test_a_client_id_counts_once_however_often_it_comes_at_once(
    platform: Platform, people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database)
    one, other = platform.addresses("consult")
    async with (
        listening(made.patient, made.consultation_id, address=one) as phone,
        listening(made.patient, made.consultation_id, address=other) as tablet,
        listening(made.doctor, made.consultation_id) as doctor,
    ):
        for n in range(20):
            content, client_id = MessageContent(text=str(n)), str(uuid4())
            answers = await asyncio.gather(
                *(ear.talk.send(content, client_id=client_id) for ear in (phone, tablet)),
            )
            assert answers[0] == answers[1]
            again = await phone.talk.send(content, client_id=client_id)
            assert again == answers[0]
            with pytest.raises(ApricotError) as caught:
                await tablet.talk.send(MessageContent(text="another"), client_id=client_id)
            assert caught.value.reason == Reason.REASON_REQUEST_ID_REUSED
        await doctor.has(20)
        assert doctor.texts() == [str(n) for n in range(20)]


async def test_signals_take_places_and_go_to_the_other_side_alone(
    platform: Platform, people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database)
    one, other = platform.addresses("consult")
    phone, device = str(uuid4()), str(uuid4())
    async with (
        listening(made.patient, made.consultation_id, address=one, device_id=phone) as patient,
        listening(made.doctor, made.consultation_id, address=other) as doctor,
        listening(made.doctor, made.consultation_id, address=one, device_id=device) as named,
    ):
        call = (await Device(made.patient, made.consultation_id, phone).join()).call.call_id
        to_all = Signal(call_id=call, candidate=IceCandidate(candidate="one"))
        to_one = Signal(call_id=call, to_device_id=device, offer=SessionDescription(sdp="v=0" + "x" * 65_000))
        await patient.talk.say("before")
        sent = await patient.talk.send_signal(to_all)
        await patient.talk.send_signal(to_one)
        await patient.talk.say("after")
        for ear in patient, doctor, named:
            await ear.has(4)
            assert [message.sequence for message in ear.messages] == [1, 4]
        assert [shown.signal for shown in doctor.signals] == [to_all]
        assert [shown.signal for shown in named.signals] == [to_all, to_one]
        assert (doctor.signals[0].sequence, doctor.signals[0].account_id) == (sent.sequence, made.patient.account_id)
        assert patient.signals == []
    async with listening(made.doctor, made.consultation_id, device_id=device) as anew:
        await anew.has(4)
        assert [shown.signal for shown in anew.signals] == [to_all, to_one]


async def test_a_resumed_talk_gets_what_it_missed(people: People, consult_database: Database) -> None:
    made = await arranged(people, consult_database)
    async with listening(made.doctor, made.consultation_id) as doctor:
        async with listening(made.patient, made.consultation_id) as patient:
            await patient.talk.say("1")
            await patient.has(1)
            token = patient.talk.resume_token
        for start in range(2, 300, 50):  # more than a page, and more than a room keeps
            async with consult_database.connection() as connection:
                await _say(connection, made.consultation_id, made.doctor.account_id, range(start, start + 50))
        async with listening(made.patient, made.consultation_id, resume_token=token) as patient:
            last = await doctor.talk.say("last")
            await patient.has(last.sequence)
            assert [message.sequence for message in patient.messages] == list(range(2, last.sequence + 1))
            await doctor.has(last.sequence)
            assert doctor.messages[1:] == patient.messages


async def test_messages_are_listed_page_by_page(people: People, consult_database: Database) -> None:
    made = await arranged(people, consult_database)
    async with listening(made.patient, made.consultation_id) as patient:
        for n in range(5):
            await patient.talk.say(str(n))
    for newest_first in False, True:
        texts: list[str] = []
        request = ListMessagesRequest(consultation_id=made.consultation_id, newest_first=newest_first, page_size=2)
        while True:
            page = await made.doctor.session.conversations.ListMessages(request)
            texts += [message.content.text for message in page.messages]
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        assert texts == sorted("01234", reverse=newest_first)


async def test_the_history_cannot_be_changed(people: People, consult_database: Database) -> None:
    made = await arranged(people, consult_database)
    async with listening(made.patient, made.consultation_id) as patient:
        await patient.talk.say("as it was said")
    async with consult_database.connection() as connection:
        for statement in (
            "update message set content = '' where consultation_id = $1",
            "delete from message where consultation_id = $1",
        ):
            with pytest.raises(Exception, match="kept"):
                await connection.execute(statement, UUID(made.consultation_id))
        with pytest.raises(Exception, match="kept"):
            await connection.execute("truncate message")


async def test_what_a_process_missed_it_finds_within_seconds(people: People, consult_database: Database) -> None:
    """As when NATS is away: a message comes without any hint."""
    made = await arranged(people, consult_database)
    async with listening(made.patient, made.consultation_id) as patient:
        async with consult_database.connection() as connection:
            await _say(connection, made.consultation_id, made.doctor.account_id, [1])
            await connection.execute(
                "update consultation set state = 3 where consultation_id = $1", UUID(made.consultation_id)
            )
        await patient.has(1)
        await until(lambda: any(update.consultation.state == 3 for update in patient.updates))


async def _say(connection: asyncpg.Connection, consultation_id: str, sender: str, texts: Iterable[object]) -> None:
    """Messages that come without a hint."""
    await connection.execute(
        "with place as (update consultation set last_sequence = last_sequence + cardinality($3::bytea[]) "
        "where consultation_id = $1 returning patient_id, last_sequence - cardinality($3::bytea[]) as first) "
        "insert into message (consultation_id, sequence, patient_id, sender_id, device_id, client_id, create_time, "
        "content) select $1, first + nth, patient_id, $2, $2, gen_random_uuid(), now(), content "
        "from place, unnest($3::bytea[]) with ordinality as said (content, nth)",
        UUID(consultation_id),
        UUID(sender),
        [MessageContent(text=str(text)).SerializeToString() for text in texts],
    )
