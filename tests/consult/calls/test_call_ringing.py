"""What devices in a conversation are shown of calls, on both replicas, and whose signals are taken."""

import asyncio
from uuid import UUID, uuid4

import pytest
from apricot.consult.v1.call_pb2 import (
    CALL_END_CANCELLED,
    CALL_END_DECLINED,
    CALL_END_FAILED,
    CALL_END_MISSED,
    CALL_STATE_ACTIVE,
    CALL_STATE_ENDED,
    CALL_STATE_RINGING,
    IceCandidate,
    Signal,
)

from clients.sdk import ApricotError, Reason
from kit.database import Database
from tests.consult.calls.arranged import Device
from tests.consult.calls.conftest import Pair
from tests.consult.calls.lines import on_line
from tests.kit.running import until


def candidate(call_id: str, words: str = "one", to_device_id: str = "") -> Signal:
    return Signal(call_id=call_id, to_device_id=to_device_id, candidate=IceCandidate(candidate=words))


async def test_answered_on_one_device_the_other_stops_ringing(pair: Pair) -> None:
    desk = Device.of(pair.doctor.person, pair.consultation_id)
    async with on_line(pair.patient, pair.doctor, desk) as (patient, phone, tablet):
        call_id = (await pair.patient.join()).call.call_id
        await until(lambda: phone.rings and tablet.rings)
        assert not patient.rings
        await pair.doctor.join()
        answered = await tablet.sees(CALL_STATE_ACTIVE, call_id)
        assert not tablet.rings
        assert [one.device_id for one in answered.participants] == [pair.patient.device_id, pair.doctor.device_id]
        assert await patient.sees(CALL_STATE_ACTIVE) == answered


@pytest.mark.parametrize(("by_caller", "end"), [(True, CALL_END_CANCELLED), (False, CALL_END_DECLINED)])
async def test_a_call_given_up_or_declined_stops_ringing(pair: Pair, by_caller: bool, end: int) -> None:
    async with on_line(pair.patient, pair.doctor) as (patient, doctor):
        call_id = (await pair.patient.join()).call.call_id
        await until(lambda: doctor.rings)
        await (pair.patient if by_caller else pair.doctor).leave(call_id)
        for line in patient, doctor:
            assert (await line.sees(CALL_STATE_ENDED, call_id)).end == end
        assert not doctor.rings


async def test_a_device_that_comes_meanwhile_rings(pair: Pair) -> None:
    call_id = (await pair.patient.join()).call.call_id
    async with on_line(pair.doctor) as (doctor,):
        assert (doctor.rings, doctor.calls[-1].call_id) == (True, call_id)
        await pair.patient.leave(call_id)
    async with on_line(pair.doctor) as (doctor,):
        assert doctor.calls == [], "a call that is over is none"


async def test_nothing_depends_on_a_hint(pair: Pair, consult_database: Database) -> None:
    """Nobody tells of what is changed in the database."""
    async with on_line(pair.doctor) as (doctor,):
        call_id = (await pair.patient.join()).call.call_id
        await until(lambda: doctor.rings)
        async with consult_database.connection() as connection:
            await connection.execute(
                "update call set state = 2, answer_time = now(), ringing_ids = '{}' where call_id = $1", UUID(call_id)
            )
        await doctor.sees(CALL_STATE_ACTIVE, call_id)


async def test_signals_are_taken_from_devices_in_the_call_alone(pair: Pair, consult_database: Database) -> None:
    desk = Device.of(pair.doctor.person, pair.consultation_id)
    async with on_line(pair.patient, pair.doctor, desk) as (patient, phone, tablet):
        call_id = (await pair.patient.join()).call.call_id
        await patient.talk.send_signal(candidate(call_id))

        async def refused(line: object, signal: Signal) -> None:
            with pytest.raises(ApricotError) as error:
                await line.talk.send_signal(signal)  # type: ignore[attr-defined]
            assert error.value.reason == Reason.REASON_WRONG_STATE

        await refused(phone, candidate(call_id))  # it rings there
        await pair.doctor.join()
        await phone.talk.send_signal(candidate(call_id))
        await refused(tablet, candidate(call_id))
        await refused(patient, candidate(str(uuid4())))
        await pair.doctor.leave(call_id)
        await refused(patient, candidate(call_id))

        async with consult_database.connection() as connection:
            assert not await connection.fetchval("select count(*) from signal where call_id = $1", UUID(call_id))


async def test_no_signal_outlives_its_call(pair: Pair, consult_database: Database) -> None:
    """They are sent, by both sides and through both replicas, while the call ends."""
    async with on_line(pair.patient, pair.doctor) as (patient, doctor):
        call_id = (await pair.patient.join()).call.call_id
        await pair.doctor.join()
        sending = [line.talk.send_signal(candidate(call_id, str(n))) for n in range(10) for line in (patient, doctor)]
        *outcomes, _ = await asyncio.gather(*sending, pair.doctor.leave(call_id), return_exceptions=True)
        assert all(
            error.reason == Reason.REASON_WRONG_STATE for error in outcomes if isinstance(error, ApricotError)
        ), outcomes
        async with consult_database.connection() as connection:
            assert not await connection.fetchval("select count(*) from signal where call_id = $1", UUID(call_id))


async def test_a_ring_that_is_too_old_is_missed_by_the_worker(pair: Pair, consult_database: Database) -> None:
    async with on_line(pair.patient, pair.doctor) as (patient, doctor):
        call_id = (await pair.patient.join()).call.call_id
        await until(lambda: doctor.rings)
        async with consult_database.connection() as connection:
            await connection.execute(
                "update call set create_time = create_time - interval '50 seconds' where call_id = $1", UUID(call_id)
            )
        for line in patient, doctor:
            assert (await line.sees(CALL_STATE_ENDED, call_id)).end == CALL_END_MISSED


async def test_a_device_that_is_gone_leaves_the_call(pair: Pair, consult_database: Database) -> None:
    """Its stream has ended; that it is away for long is arranged."""

    async def away_for_long(device: Device) -> None:
        async def is_noted() -> bool:
            async with consult_database.connection() as connection:
                done = await connection.execute(
                    "update call_participant set away_time = away_time - interval '30 seconds'"
                    " where device_id = $1 and away_time is not null and leave_time is null",
                    UUID(device.device_id),
                )
            return bool(done == "UPDATE 1")

        await until(is_noted)

    async with on_line(pair.patient) as (patient,):
        async with on_line(pair.doctor):
            call_id = (await pair.patient.join()).call.call_id
            await pair.doctor.join()
            await patient.sees(CALL_STATE_ACTIVE)
        await away_for_long(pair.doctor)
        await until(lambda: len(patient.calls[-1].participants) == 1)
        assert patient.calls[-1].state == CALL_STATE_ACTIVE, "who is left may wait"
        again = (await pair.doctor.join()).call
        assert (again.call_id, len(again.participants)) == (call_id, 2), "and who was lost may come back"
    for device in pair.patient, pair.doctor:
        await away_for_long(device)

    async def has_failed() -> bool:
        (call,) = await pair.patient.calls()
        return bool(call.end == CALL_END_FAILED)

    await until(has_failed)
    assert (await pair.patient.join()).call.state == CALL_STATE_RINGING
