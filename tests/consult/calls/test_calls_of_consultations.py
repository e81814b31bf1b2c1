"""A call within its consultation: whoever lists or watches it sees that there is one, and it ends with it."""

import asyncio
from uuid import uuid4

import pytest
from apricot.consult.v1.call_pb2 import CALL_END_FAILED, CALL_STATE_ENDED
from apricot.consult.v1.consultation_pb2 import (
    CloseConsultationRequest,
    Consultation,
    GetConsultationRequest,
    Outcome,
    WatchInboxRequest,
)
from apricot.consult.v1.conversation_pb2 import NOTICE_KIND_CALL_ENDED, NOTICE_KIND_ENDED

from clients.sdk import ApricotError, Reason
from clients.sdk.calls import bearer
from kit.database import Database
from tests.consult.calls.arranged import Device, arrange_consultation
from tests.consult.calls.lines import on_line
from tests.consult.said import said_in
from tests.kit.running import until
from tests.people import People, Person


async def seen_by(person: Person, consultation_id: str) -> Consultation:
    request = GetConsultationRequest(consultation_id=consultation_id)
    return (await person.session.consultations.GetConsultation(request)).consultation


async def test_the_call_ends_when_the_doctor_closes_the_consultation(
    people: People, consult_database: Database
) -> None:
    patient, doctor = await people.patient(), await people.new_clinician()
    consultation = await arrange_consultation(consult_database, patient, doctor)
    phone, desk = Device.of(patient, consultation), Device.of(doctor, consultation)
    async with on_line(phone, desk) as lines:
        call_id = (await phone.join()).call.call_id
        await desk.join()
        for person in patient, doctor:
            assert (await seen_by(person, consultation)).live_call_id == call_id

        request = CloseConsultationRequest(
            request_id=str(uuid4()), consultation_id=consultation, outcome=Outcome(summary="Seen")
        )
        closed = (await doctor.session.consultations.CloseConsultation(request)).consultation
        assert closed.live_call_id == ""
        for line in lines:
            assert (await line.sees(CALL_STATE_ENDED, call_id)).end == CALL_END_FAILED
    with pytest.raises(ApricotError) as refused:
        await phone.join()
    assert refused.value.reason == Reason.REASON_WRONG_STATE
    told = {said.notice.kind for said in await said_in(consult_database, consultation)}
    assert told == {NOTICE_KIND_CALL_ENDED, NOTICE_KIND_ENDED}


async def test_an_inbox_shows_that_a_call_rings(people: People, consult_database: Database) -> None:
    patient, doctor = await people.patient(), await people.new_clinician()
    consultation = await arrange_consultation(consult_database, patient, doctor)
    phone = Device.of(patient, consultation)
    shown: list[str] = []

    async def watch() -> None:
        stream = doctor.session.consultations.WatchInbox(WatchInboxRequest(), metadata=bearer(await doctor.token()))
        async for response in stream:
            if response.live or response.HasField("consultation"):
                shown.append("live" if response.live else response.consultation.live_call_id)

    watching = asyncio.create_task(watch())
    try:
        await until(lambda: "live" in shown)
        call_id = (await phone.join()).call.call_id
        await until(lambda: shown[-1] == call_id)
        await phone.leave(call_id)
        await until(lambda: shown[-1] == "")
    finally:
        watching.cancel()
