"""A consultation from its opening to its end, through the gateway, and what it opens in the diary meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.consult.v1 import consultation_pb2 as pb
from apricot.consult.v1.consultation_pb2 import Consultation
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest
from apricot.identity.v1.care_pb2 import Grant, ListGrantsRequest

from clients.sdk import ApricotError, Recorder
from kit.database import Database
from tests.consult.doctors import listed_doctor
from tests.consult.life.living import (
    born,
    cancelled,
    claimed,
    closed,
    declined,
    invited,
    listed,
    opened,
    pooled_doctors,
    refused,
    request_id,
    seen,
)
from tests.kit.running import until
from tests.people import People, Person

PHONE = Recorder.by_hand("phone", "Asia/Shanghai")


async def reads_diary(reader: Person, patient: Person) -> bool:
    try:
        return [entry async for entry in reader.session.entries(patient.account_id)] != []
    except ApricotError as error:
        if error.reason != Reason.REASON_PATIENT_ACCESS_DENIED:
            raise
        return False


async def soon_reads(reader: Person, patient: Person, *, wanted: bool) -> None:
    async def so() -> bool:
        return await reads_diary(reader, patient) is wanted

    await until(so)


async def grants(patient: Person) -> list[Grant]:
    return list((await patient.session.care.ListGrants(ListGrantsRequest())).grants)


async def actions(patient: Person, by: Person) -> set[str]:
    events = (await patient.session.audit.ListAccessEvents(ListAccessEventsRequest(page_size=1000))).events
    return {event.action.rsplit("/")[-1] for event in events if event.actor_id == by.account_id}


async def test_claiming_opens_the_diary_and_closing_closes_it(people: People, consult_database: Database) -> None:
    doctor = await listed_doctor(people, "endocrinology", fee_minor=30_00)
    patient = await born(await people.patient(), datetime.now(UTC).date() - timedelta(days=46 * 366))
    await patient.session.log(patient.account_id, [PHONE.fingerstick_reading(datetime.now(UTC), 182)])
    waiting = await opened(patient, doctor, scopes=(SCOPE_GLUCOSE_READ,))
    assert (waiting.state, waiting.fee_state) == (pb.CONSULTATION_STATE_WAITING, pb.FEE_STATE_HELD)
    assert (waiting.patient_name, waiting.patient_age_years) == ("李小明", 46)
    assert (waiting.fee.minor_units, waiting.department_code) == (30_00, "endocrinology")
    assert not await reads_diary(doctor, patient)

    active = await claimed(doctor, waiting)
    assert (active.state, active.doctor_id) == (pb.CONSULTATION_STATE_ACTIVE, doctor.account_id)
    await soon_reads(doctor, patient, wanted=True)
    (grant,) = await grants(patient)
    assert (grant.account_id, grant.treatment_id) == (doctor.account_id, waiting.consultation_id)
    assert not grant.HasField("expire_time")

    over = await closed(doctor, active)
    assert (over.state, over.fee_state) == (pb.CONSULTATION_STATE_CLOSED, pb.FEE_STATE_EARNED)
    assert over.outcome.summary == "二型糖尿病复诊"
    await soon_reads(doctor, patient, wanted=False)
    assert (await grants(patient))[0].HasField("revoke_time")
    assert await seen(patient, over) == over == await seen(doctor, over)

    async def audited() -> bool:
        wanted = {"ClaimConsultation", "CloseConsultation", "ListEntries"}
        return wanted | {"apricot.identity.v1.CareBegun", "apricot.identity.v1.CareEnded"} <= await actions(
            patient, doctor
        )

    await until(audited)


async def test_the_patient_may_take_it_back_at_any_time(people: People, consult_database: Database) -> None:
    doctor, patient = await listed_doctor(people, "endocrinology"), await people.patient()
    await patient.session.log(patient.account_id, [PHONE.fingerstick_reading(datetime.now(UTC), 182)])
    active = await claimed(doctor, await opened(patient, doctor, scopes=(SCOPE_GLUCOSE_READ,)))
    await soon_reads(doctor, patient, wanted=True)
    (grant,) = await grants(patient)
    await patient.revoke(grant.grant_id)
    await soon_reads(doctor, patient, wanted=False)
    await closed(doctor, active)
    assert [each.grant_id for each in await grants(patient)] == [grant.grant_id]


async def test_given_back_it_is_the_next_doctor_s_and_the_diary_too(people: People, consult_database: Database) -> None:
    first, second = await pooled_doctors(people, "nephrology", 2)
    patient = await people.patient()
    await patient.session.log(patient.account_id, [PHONE.fingerstick_reading(datetime.now(UTC), 182)])
    asked = await opened(patient, department="nephrology", scopes=(SCOPE_GLUCOSE_READ,))
    await claimed(first, asked)
    await soon_reads(first, patient, wanted=True)
    returned = await declined(first, asked, note="我不是这方面的专家")
    assert (returned.state, returned.doctor_id) == (pb.CONSULTATION_STATE_WAITING, "")
    assert [member.role for member in returned.members] == [pb.MEMBER_ROLE_PATIENT]
    await soon_reads(first, patient, wanted=False)
    await claimed(second, asked)
    await soon_reads(second, patient, wanted=True)
    assert not await reads_diary(first, patient)
    with refused(Reason.REASON_WRONG_STATE):
        await claimed(first, asked)


async def test_to_outsiders_it_does_not_exist(people: People, consult_database: Database) -> None:
    doctor, other = await pooled_doctors(people, "urology", 2)
    patient, stranger = await people.patient(), await people.patient()
    consultation = await opened(patient, doctor)
    attempts: list[tuple[Callable[..., Awaitable[Consultation]], Person]] = [
        (seen, stranger),
        (cancelled, stranger),
        (seen, other),
        (claimed, other),
        (declined, other),
        (closed, other),
    ]
    for attempt, outsider in attempts:
        with refused(Reason.REASON_NOT_FOUND):
            await attempt(outsider, consultation)
    with refused(Reason.REASON_NOT_FOUND):
        await invited(other, consultation, doctor)
    assert await listed(stranger) == []
    assert [each.consultation_id for each in await listed(doctor)] == [consultation.consultation_id]
    await claimed(doctor, consultation)
    await invited(doctor, consultation, other)
    assert (await seen(other, consultation)).members[-1].role == pb.MEMBER_ROLE_COLLEAGUE
    not_hers: list[Callable[..., Awaitable[Consultation]]] = [closed, declined, cancelled]
    for attempt in not_hers:
        with refused(Reason.REASON_NOT_ALLOWED):
            await attempt(other, consultation)


async def test_a_repeated_request_is_done_once(people: People, consult_database: Database) -> None:
    doctor, patient = await listed_doctor(people, "urology"), await people.patient()
    request = pb.OpenConsultationRequest(
        request_id=request_id(), doctor_id=doctor.account_id, mode=pb.CONSULTATION_MODE_TEXT, complaint="发热"
    )
    first = await patient.session.consultations.OpenConsultation(request)
    assert await patient.session.consultations.OpenConsultation(request) == first
    assert len(await listed(patient)) == 1
    claim = pb.ClaimConsultationRequest(request_id=request_id(), consultation_id=first.consultation.consultation_id)
    answers = await asyncio.gather(*(doctor.session.consultations.ClaimConsultation(claim) for _ in range(8)))
    assert {answer.consultation.claim_time.ToNanoseconds() for answer in answers} == {
        answers[0].consultation.claim_time.ToNanoseconds()
    }
    request.complaint = "咳嗽"
    with refused(Reason.REASON_REQUEST_ID_REUSED):
        await patient.session.consultations.OpenConsultation(request)
