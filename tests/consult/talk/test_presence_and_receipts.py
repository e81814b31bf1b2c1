"""Who is there, who types, how far messages have come; and who is told when nobody is there."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from apricot.consult.v1.conversation_pb2 import ConverseRequest, Join, Receipt
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest

from kit.database import Database
from stack.platform import Platform
from tests.consult.talk.arranged import Arranged, arranged
from tests.consult.talk.ear import Ear, listening, raw
from tests.kit.running import until
from tests.people import People, Person


def presences(ear: Ear, person: Person) -> list[bool]:
    shown = [update.presence for update in ear.updates if update.HasField("presence")]
    return [one.present for one in shown if one.account_id == person.account_id]


def receipts(ear: Ear, person: Person) -> list[tuple[int, int]]:
    shown = [update.receipt for update in ear.updates if update.HasField("receipt")]
    return [(one.delivered_sequence, one.read_sequence) for one in shown if one.account_id == person.account_id]


@contextmanager
def outside_the_loop() -> Iterator[None]:
    """As an event of a window's may come: in the loop's thread, and not of the loop."""
    loop = asyncio.get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


async def test_somebody_comes_with_the_first_device_and_goes_with_the_last(
    platform: Platform, people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database)
    one, other = platform.addresses("consult")
    async with listening(made.doctor, made.consultation_id, address=one) as doctor:
        async with listening(made.patient, made.consultation_id, address=other):
            await until(lambda: presences(doctor, made.patient) == [True])
            async with listening(made.patient, made.consultation_id, address=one) as second:
                members = second.updates[0].joined.consultation.members
                assert {member.account_id: member.present for member in members} == {
                    made.patient.account_id: True,
                    made.doctor.account_id: True,
                }
            assert presences(doctor, made.patient) == [True]
        await until(lambda: presences(doctor, made.patient) == [True, False])


async def test_typing_is_shown_to_others_and_not_more_often_than_once_a_second(
    platform: Platform, people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database)
    one, other = platform.addresses("consult")
    async with (
        listening(made.patient, made.consultation_id, address=one) as patient,
        listening(made.doctor, made.consultation_id, address=other) as doctor,
    ):
        for _ in range(10):
            patient.talk.typing()
            await asyncio.sleep(0.01)
        patient.talk.typing(False)
        await until(lambda: [u.typing.typing for u in doctor.updates if u.HasField("typing")][-1:] == [False])
        await doctor.talk.say("go on")
        await patient.has(1)
        assert len([update for update in doctor.updates if update.HasField("typing")]) <= 3
        assert not any(update.HasField("typing") for update in patient.updates)


async def test_receipts_grow_and_are_shown_now_and_later(
    platform: Platform, people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database)
    one, other = platform.addresses("consult")
    async with (
        listening(made.patient, made.consultation_id, address=one) as patient,
        listening(made.doctor, made.consultation_id, address=other) as doctor,
    ):
        for n in range(3):
            await patient.talk.say(str(n))
        await until(lambda: receipts(patient, made.doctor)[-1:] == [(3, 0)])  # the SDK tells what it handed over
        with outside_the_loop():
            doctor.talk.read_up_to(2)
        await until(lambda: receipts(patient, made.doctor)[-1:] == [(3, 2)])
        assert receipts(patient, made.doctor) == sorted(receipts(patient, made.doctor))
    async with listening(made.patient, made.consultation_id) as later:
        members = later.updates[0].joined.consultation.members
        found = {member.account_id: (member.delivered_sequence, member.read_sequence) for member in members}
        assert found[made.doctor.account_id] == (3, 2)


async def test_a_receipt_never_goes_back_nor_beyond_what_was_said(
    platform: Platform, people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database)
    async with listening(made.patient, made.consultation_id) as patient:
        await patient.talk.say("one")
        await patient.talk.say("two")
        address = platform.gateway_address.removeprefix("http://")
        join = ConverseRequest(join=Join(consultation_id=made.consultation_id, device_id=str(uuid4())))
        beyond = ConverseRequest(receipt=Receipt(read_sequence=1 << 40))
        back = ConverseRequest(receipt=Receipt(delivered_sequence=1, read_sequence=1))
        negative = ConverseRequest(receipt=Receipt(read_sequence=-1))

        found, error = await raw(made.doctor, address, [join, beyond, negative], 5)
        assert error is None
        assert any(one.HasField("refused") for one in found)
        await until(lambda: receipts(patient, made.doctor)[-1:] == [(2, 2)])
        assert await raw(made.doctor, address, [join, back], 3) is not None
        assert await _stored(consult_database, made) == (2, 2)


async def _stored(database: Database, made: Arranged) -> tuple[int, int]:
    async with database.connection() as connection:
        row = await connection.fetchrow(
            "select delivered_sequence, read_sequence from member where consultation_id = $1 and account_id = $2",
            UUID(made.consultation_id),
            UUID(made.doctor.account_id),
        )
    return tuple(row)


async def test_who_is_not_there_is_pushed_that_there_is_something_and_not_again_at_once(
    people: People, consult_database: Database
) -> None:
    made = await arranged(people, consult_database)

    async def pushed_to(person: Person) -> int:
        async with consult_database.connection() as connection:
            query = "select count(*) from push where reference_id = $1 and account_id = $2 and kind = 'message'"
            return int(await connection.fetchval(query, UUID(made.consultation_id), UUID(person.account_id)))

    async with listening(made.patient, made.consultation_id) as patient:
        async with listening(made.doctor, made.consultation_id) as doctor:
            await patient.talk.say("you are there")
            await doctor.has(1)
        await until(lambda: presences(patient, made.doctor)[-1:] == [False])
        await patient.talk.say("and now you are not")
        assert await pushed_to(made.doctor) == 1
        await patient.talk.say("hello?")
        assert await pushed_to(made.doctor) == 1
        assert await pushed_to(made.patient) == 0


async def test_each_use_by_somebody_else_is_in_the_patients_audit(people: People, consult_database: Database) -> None:
    made = await arranged(people, consult_database)
    async with listening(made.patient, made.consultation_id), listening(made.doctor, made.consultation_id) as doctor:
        await doctor.talk.say("one use, however much is said")
        await doctor.talk.say("really")

    async def actions() -> list[str]:
        events = (await made.patient.session.audit.ListAccessEvents(ListAccessEventsRequest())).events
        return [one.action for one in events if one.actor_id == made.doctor.account_id]

    async def is_there() -> bool:
        return bool(await actions())

    await until(is_there)
    assert await actions() == ["apricot.consult.v1.ConversationService/Converse"]
