"""What is said reaches everybody, on both replicas, in one order."""

import asyncio
from uuid import uuid4

from apricot.consult.v1.call_pb2 import IceCandidate, Signal

from kit.database import Database
from tests.consult.calls.arranged import Device
from tests.consult.talk.arranged import arranged
from tests.consult.talk.ear import listening
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


async def test_signals_take_places_and_go_to_the_other_side_alone(people: People, consult_database: Database) -> None:
    made, device_id = await arranged(people, consult_database), str(uuid4())
    async with (
        listening(made.patient, made.consultation_id, device_id=device_id) as patient,
        listening(made.doctor, made.consultation_id) as doctor,
    ):
        call_id = (await Device(made.patient, made.consultation_id, device_id).join()).call.call_id
        signal = Signal(call_id=call_id, candidate=IceCandidate(candidate="one"))
        await patient.talk.say("before")
        sent = await patient.talk.send_signal(signal)
        await patient.talk.say("after")
        await doctor.has(3)
        await patient.has(3)
        assert [shown.signal for shown in doctor.signals] == [signal]
        assert (doctor.signals[0].sequence, doctor.signals[0].account_id) == (sent.sequence, made.patient.account_id)
        assert patient.signals == []


async def test_a_resumed_talk_gets_what_it_missed(people: People, consult_database: Database) -> None:
    made = await arranged(people, consult_database)
    async with listening(made.doctor, made.consultation_id) as doctor:
        async with listening(made.patient, made.consultation_id) as patient:
            await patient.talk.say("1")
            await patient.has(1)
            token = patient.talk.resume_token
        await asyncio.gather(*(doctor.talk.say(str(n)) for n in range(2, 9)))
        async with listening(made.patient, made.consultation_id, resume_token=token) as patient:
            await patient.has(8)
            assert sorted(patient.texts()) == [str(n) for n in range(2, 9)]
            assert [message.sequence for message in patient.messages] == list(range(2, 9))
