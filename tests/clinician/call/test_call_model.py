"""Calls by the app's model, with the patient's peer on the other side of the platform."""

import asyncio
from datetime import timedelta
from uuid import UUID

import aioice.ice
import pytest
from apricot.consult.v1.call_pb2 import (
    CALL_END_BUSY,
    CALL_END_CANCELLED,
    CALL_END_DECLINED,
    CALL_END_HUNG_UP,
    CALL_MEDIA_AUDIO,
    CALL_STATE_ACTIVE,
    CALL_STATE_ENDED,
)

from clients.clinician.models.call.call import Stage
from clients.clinician.models.call.devices import Kind
from clients.clinician.models.call.quality import Quality
from kit.database import Database
from tests.clinician.call.sides import (
    Clinic,
    called_by_patient,
    clinic_of,
    hears_the_doctor,
    patient_in,
    sees_the_doctor,
)
from tests.consult.calls.arranged import Device, arrange_consultation
from tests.consult.calls.device import Cuttable
from tests.consult.calls.lines import Line, on_line
from tests.consult.calls.peer import Peer
from tests.kit.running import until
from tests.people import People, Person


async def test_the_patient_calls_and_both_hear_and_see_each_other(patient: Line, clinic: Clinic) -> None:
    async with called_by_patient(patient, clinic) as peer:
        assert clinic.rang == [Stage.RINGING]
        await until(lambda: clinic.hears_the_patient and clinic.sees_the_patient and clinic.saw_herself.moves)
        await until(lambda: hears_the_doctor(peer) and sees_the_doctor(peer))
        await until(lambda: clinic.model.quality is not Quality.UNKNOWN)

        clinic.model.media.mute(True)
        await until(lambda: peer.heard.tone_hz == 0)
        clinic.model.media.mute(False)
        await until(lambda: hears_the_doctor(peer))

        clinic.model.media.show_camera(False)
        await until(lambda: not peer.shows_picture)
        clinic.model.media.show_camera(True)
        await until(lambda: peer.shows_picture)
        await peer.show(None)
        await until(lambda: not clinic.model.media.shows_picture)
        assert clinic.model.stage is Stage.ACTIVE
        assert peer.restarts == 0

        await patient.device.leave(patient.calls[-1].call_id)
        await clinic.comes_to(Stage.ENDED)
    assert (clinic.model.end, clinic.model.was_answered) == (CALL_END_HUNG_UP, True)
    assert clinic.model.talked > timedelta(seconds=1)
    assert clinic.devices.opened
    assert clinic.devices.all_are_off
    assert clinic.stages == [Stage.NONE, Stage.RINGING, Stage.CONNECTING, Stage.ACTIVE, Stage.ENDED]
    clinic.model.dismiss()
    await clinic.comes_to(Stage.NONE)
    assert clinic.missed == []


async def test_the_clinician_calls_by_voice_adds_a_picture_and_hangs_up(patient: Line, clinic: Clinic) -> None:
    clinic.model.call(video=False)
    assert clinic.model.stage is Stage.CALLING
    await until(lambda: patient.rings)
    async with patient_in(patient, (await patient.device.join()).call, video=False) as peer:
        await clinic.comes_to(Stage.ACTIVE)
        await until(lambda: clinic.hears_the_patient and hears_the_doctor(peer))
        assert not clinic.model.media.shows_picture
        clinic.model.media.show_camera(True)
        await until(lambda: sees_the_doctor(peer))
        await peer.add_video()
        await until(lambda: clinic.sees_the_patient)

        clinic.model.hang_up()
        assert clinic.stages[-1] is Stage.ENDED, "at once"
        assert clinic.devices.all_are_off
        assert (await patient.sees(CALL_STATE_ENDED)).end == CALL_END_HUNG_UP
        await until(lambda: clinic.model.end == CALL_END_HUNG_UP and peer.over.is_set())


async def test_without_camera_and_microphone_the_call_goes_on(
    patient: Line, doctor: Person, clinic: Clinic, open_desk: object
) -> None:
    async with clinic_of(clinic.model.desk, patient.device.consultation_id, kinds=(Kind.SPEAKER,)) as bare:
        assert not bare.model.media.has_camera
        assert not bare.model.media.has_microphone
        async with called_by_patient(patient, bare) as peer:
            await until(lambda: bare.hears_the_patient and bare.sees_the_patient)
            assert not bare.model.media.camera_is_on
            assert not peer.shows_picture
            await until(lambda: peer.heard.frames > 25)
            assert peer.heard.tone_hz == 0
            assert clinic.model.stage is Stage.NONE, "her other computer rings no longer"
            await patient.device.leave(patient.calls[-1].call_id)
            await bare.comes_to(Stage.ENDED)
        assert clinic.model.stage is Stage.NONE
        assert clinic.missed == []


async def test_a_call_that_is_declined_ends_on_both_sides(patient: Line, clinic: Clinic) -> None:
    await patient.device.join(CALL_MEDIA_AUDIO)
    await clinic.comes_to(Stage.RINGING)
    clinic.model.hang_up()
    assert (await patient.sees(CALL_STATE_ENDED)).end == CALL_END_DECLINED
    await until(lambda: clinic.model.end == CALL_END_DECLINED)
    assert clinic.missed == [], "she knows of it"
    assert clinic.devices.opened == []


async def test_a_call_that_was_given_up_is_missed(patient: Line, clinic: Clinic) -> None:
    call = (await patient.device.join(CALL_MEDIA_AUDIO)).call
    await clinic.comes_to(Stage.RINGING)
    await patient.device.leave(call.call_id)
    await until(lambda: clinic.missed == [CALL_END_CANCELLED])
    assert clinic.model.stage is Stage.ENDED


async def test_given_up_before_the_platform_has_answered_it_rings_no_more(patient: Line, clinic: Clinic) -> None:
    clinic.model.call(video=False)
    clinic.model.hang_up()
    assert not clinic.model.is_under_way
    assert (await patient.sees(CALL_STATE_ENDED)).end == CALL_END_CANCELLED
    assert clinic.devices.all_are_off


async def test_who_calls_while_she_is_in_another_call_is_told_of(
    people: People, doctor: Person, patient: Line, clinic: Clinic, consult_database: Database
) -> None:
    other = await people.patient()
    consultation_id = await arrange_consultation(consult_database, other, doctor)
    async with (
        called_by_patient(patient, clinic, CALL_MEDIA_AUDIO),
        clinic_of(clinic.model.desk, consultation_id) as second,
        on_line(Device.of(other, consultation_id)) as (caller,),
    ):
        await caller.device.join(CALL_MEDIA_AUDIO)
        await until(lambda: second.missed == [CALL_END_BUSY])
        assert second.rang == []
        assert clinic.model.stage is Stage.ACTIVE


async def test_the_call_goes_on_over_another_network(
    patient: Line, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.2", "127.0.0.3"])
    monkeypatch.setattr(aioice.ice, "StunProtocol", Cuttable)
    monkeypatch.setattr(Cuttable, "cut", set())
    async with called_by_patient(patient, clinic, CALL_MEDIA_AUDIO) as peer:
        await until(lambda: clinic.hears_the_patient)
        Cuttable.cut.add(peer.local_address)
        await clinic.comes_to(Stage.RECONNECTING)
        await clinic.comes_to(Stage.ACTIVE)
        frames = clinic.devices.heard.frames
        await until(lambda: clinic.devices.heard.frames > frames + 30 and clinic.hears_the_patient)
        assert patient.calls[-1].state == CALL_STATE_ACTIVE


async def test_a_device_that_the_platform_lost_joins_again(
    patient: Line, clinic: Clinic, consult_database: Database
) -> None:
    """As after half a minute without a connection."""
    async with called_by_patient(patient, clinic, CALL_MEDIA_AUDIO) as first:
        call = patient.calls[-1]
        async with consult_database.connection() as connection:
            await connection.execute(
                "update call_participant set leave_time = now() where call_id = $1 and account_id = $2",
                UUID(call.call_id),
                UUID(clinic.model.desk.account.account_id),
            )
        meeting = asyncio.create_task(_meet_again(patient, first))
        await until(lambda: clinic.stages[-2:] == [Stage.RECONNECTING, Stage.ACTIVE])
        frames = clinic.devices.heard.frames
        await until(lambda: clinic.devices.heard.frames > frames + 30 and clinic.hears_the_patient)
        meeting.cancel()
        assert len(patient.calls[-1].participants) == 2
    assert (await patient.device.calls())[0].call_id == call.call_id


async def _meet_again(patient: Line, first: Peer) -> None:
    """Where the patient's device has seen that the other one had gone; else its connection is restarted."""
    await first.over.wait()
    await until(lambda: len(patient.calls[-1].participants) == 2)
    async with patient_in(patient, patient.calls[-1], video=False) as again:
        await again.offer()
        await asyncio.Event().wait()
