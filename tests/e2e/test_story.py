"""One patient's story, from "something is wrong" to "thank you": everything through the gateway."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aioice.ice
import pytest
from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.consult.v1.call_pb2 import CALL_END_HUNG_UP, CALL_MEDIA_VIDEO, CALL_STATE_ACTIVE, CALL_STATE_ENDED
from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_VIDEO,
    CONSULTATION_STATE_ACTIVE,
    CONSULTATION_STATE_CLOSED,
    FEE_STATE_EARNED,
    ClaimConsultationRequest,
    CloseConsultationRequest,
    Consultation,
    DecideEligibilityRequest,
    DiagnosisCode,
    ListConsultationsRequest,
    OpenConsultationRequest,
    Outcome,
)
from apricot.consult.v1.conversation_pb2 import (
    Card,
    ListMessagesRequest,
    Message,
    NoticeKind,
    ReadingWindow,
)
from apricot.consult.v1.directory_pb2 import SearchDoctorsRequest
from apricot.consult.v1.health_record_pb2 import AddToHealthRecordRequest
from apricot.consult.v1.prescription_pb2 import (
    CheckPrescriptionRequest,
    GetPrescriptionRequest,
    Prescription,
)
from apricot.consult.v1.rating_pb2 import ListRatingsRequest, RateConsultationRequest, ReplyToRatingRequest
from apricot.consult.v1.triage_pb2 import SuggestDepartmentRequest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest
from apricot.identity.v1.signing_pb2 import ListPublicKeysRequest
from google.protobuf.json_format import ParseDict

from clients.sdk import ApricotError, Recorder
from clients.sdk.prescriptions import verify
from kit.times import to_timestamp
from tests.consult.calls.arranged import Device
from tests.consult.calls.lines import Line, on_line
from tests.consult.calls.media import SIGNS, looks_like, sounds_like
from tests.consult.calls.peer import Peer
from tests.consult.doctors import listed_doctor
from tests.consult.life.living import born, request_id
from tests.consult.prescriptions.writing import facts, written
from tests.kit.running import until
from tests.patience import PATIENCE
from tests.people import People, Person
from tests.pictures import picture

PHONE = Recorder.by_hand("phone", "Asia/Shanghai")
COMPLAINT = "最近总是口渴、尿多，早上空腹血糖高"
DIABETES = DiagnosisCode(code="E11.9", description="2型糖尿病")


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """aioice leaves loopback out; a machine without a network has nothing else."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


async def test_from_a_complaint_to_a_rating(people: People) -> None:
    doctor = await listed_doctor(people, "endocrinology", modes=(CONSULTATION_MODE_VIDEO,), fee_minor=69_00)
    patient = await born(await people.patient(), date(1980, 2, 29))
    now = datetime.now(UTC)
    readings = [PHONE.fingerstick_reading(now - timedelta(hours=hour), 150 + hour) for hour in range(1, 11)]
    await patient.session.log(patient.account_id, readings)

    department = await _is_sent_to_a_department(patient)
    await _finds_the_doctor(patient, doctor, department)
    consultation = await _asks_the_pool(patient, department)
    consultation = await _takes_it(doctor, consultation)
    async with on_line(
        Device.of(patient, consultation.consultation_id), Device.of(doctor, consultation.consultation_id)
    ) as (asking, answering):
        await _talk(asking, answering, now)
        await until(lambda: all(len(line.messages) == 5 for line in (asking, answering)))
        await _sees_what_is_shared(doctor, patient, answering.messages[-1].content.card.reading_window)
        await _see_each_other(asking, answering)
        await _decides_on_prescribing(doctor, consultation, answering.messages)
        prescription = await _prescribes(doctor, patient, consultation)
        await _closes(doctor, consultation)
        await until(lambda: all(map(_has_ended, (asking, answering))))
        assert asking.messages == answering.messages
    await _keeps_what_was_said(patient, consultation, asking.messages)
    await _holds_a_prescription_that_anybody_can_verify(patient, doctor, prescription)
    await _sees_no_more(doctor, patient)
    await _rates(patient, doctor, consultation)
    await _takes_everything_along(patient, asking.messages, prescription)
    await _knows_who_looked(patient, doctor)


def _has_ended(line: Line) -> bool:
    """Whether the device was told that the consultation has ended."""
    return _notices(line.messages)[-1:] == [NoticeKind.NOTICE_KIND_ENDED]


def _notices(messages: list[Message]) -> list[int]:
    return [message.content.notice.kind for message in messages if message.content.HasField("notice")]


async def _is_sent_to_a_department(patient: Person) -> str:
    request = SuggestDepartmentRequest(text=COMPLAINT, age_years=46)
    suggested = await patient.session.triage.SuggestDepartment(request)
    assert not suggested.HasField("emergency")
    return suggested.departments[0].code


async def _finds_the_doctor(patient: Person, doctor: Person, department: str) -> None:
    request = SearchDoctorsRequest(department_code=department, modes=[CONSULTATION_MODE_VIDEO], page_size=100)

    async def found() -> bool:
        doctors = (await patient.session.directory.SearchDoctors(request)).doctors
        return doctor.account_id in [one.doctor_id for one in doctors]

    await until(found)


async def _asks_the_pool(patient: Person, department: str) -> Consultation:
    request = OpenConsultationRequest(
        request_id=request_id(),
        department_code=department,
        mode=CONSULTATION_MODE_VIDEO,
        complaint=COMPLAINT,
        shared_scopes=[SCOPE_GLUCOSE_READ],
    )
    return (await patient.session.consultations.OpenConsultation(request)).consultation


async def _takes_it(doctor: Person, consultation: Consultation) -> Consultation:
    pool = await doctor.session.consultations.ListConsultations(ListConsultationsRequest(pool=True, page_size=1000))
    assert consultation.consultation_id in [one.consultation_id for one in pool.consultations]
    request = ClaimConsultationRequest(request_id=request_id(), consultation_id=consultation.consultation_id)
    taken = (await doctor.session.consultations.ClaimConsultation(request)).consultation
    assert (taken.state, taken.doctor_id) == (CONSULTATION_STATE_ACTIVE, doctor.account_id)
    return taken


async def _talk(asking: Line, answering: Line, now: datetime) -> None:
    """Behind the notice that a doctor has taken it."""
    await answering.talk.say("您好，多久了？有以前的化验单吗？")
    await asking.talk.say("两个星期了，这是去年的化验单。")
    await asking.talk.show_picture(picture())
    window = ReadingWindow(start_time=to_timestamp(now - timedelta(hours=12)), end_time=to_timestamp(now))
    await asking.talk.show_card(Card(reading_window=window))


async def _sees_what_is_shared(doctor: Person, patient: Person, window: ReadingWindow) -> None:
    """The card points; the patient's grant for the consultation opens."""
    start, end = window.start_time.ToDatetime(UTC), window.end_time.ToDatetime(UTC)
    await until(lambda: _reads(doctor, patient))
    shown = [entry async for entry in doctor.session.entries(patient.account_id, start, end)]
    assert len(shown) == 10


async def _see_each_other(asking: Line, answering: Line) -> None:
    async with _call(asking, answering) as (here, there):
        await here.offer()
        await until(lambda: sounds_like(there.heard.tone_hz, SIGNS["patient"]) and there.seen.moves)
        await until(lambda: sounds_like(here.heard.tone_hz, SIGNS["doctor"]) and here.seen.moves)
        assert looks_like(there.seen.colours, SIGNS["patient"])
        assert looks_like(here.seen.colours, SIGNS["doctor"])
        ended = await answering.device.leave(asking.calls[-1].call_id)
        assert ended.end == CALL_END_HUNG_UP
        for line in asking, answering:
            await line.sees(CALL_STATE_ENDED)


@asynccontextmanager
async def _call(asking: Line, answering: Line) -> AsyncIterator[tuple[Peer, Peer]]:
    await asking.device.join(CALL_MEDIA_VIDEO)
    await until(lambda: answering.rings)
    answered = (await answering.device.join()).call
    peers = (
        Peer(asking.board.channel(await asking.sees(CALL_STATE_ACTIVE)), SIGNS["patient"]),
        Peer(answering.board.channel(answered), SIGNS["doctor"]),
    )
    for peer in peers:
        peer.start()
    try:
        yield peers
    finally:
        for peer in peers:
            await peer.close()


async def _decides_on_prescribing(doctor: Person, consultation: Consultation, heard: list[Message]) -> None:
    request = DecideEligibilityRequest(
        request_id=request_id(),
        consultation_id=consultation.consultation_id,
        eligible=True,
        earlier_diagnoses=[DIABETES],
        evidence_attachment_ids=[shown for one in heard if (shown := one.content.picture_attachment_id)],
    )
    decided = (await doctor.session.consultations.DecideEligibility(request)).consultation
    assert decided.eligibility.eligible


async def _prescribes(doctor: Person, patient: Person, consultation: Consultation) -> Prescription:
    asked = AddToHealthRecordRequest(
        request_id=request_id(),
        consultation_id=consultation.consultation_id,
        facts=facts(datetime.now(UTC).date().isoformat()),
    )
    await doctor.session.health_record.AddToHealthRecord(asked)
    check = CheckPrescriptionRequest(consultation_id=consultation.consultation_id, written=written())
    assert not (await doctor.session.prescriptions.CheckPrescription(check)).findings
    return await doctor.issue(consultation.consultation_id, written())


async def _closes(doctor: Person, consultation: Consultation) -> None:
    request = CloseConsultationRequest(
        request_id=request_id(),
        consultation_id=consultation.consultation_id,
        outcome=Outcome(summary="空腹血糖升高两周", diagnoses=[DIABETES], advice="按时服药，一周后复诊"),
    )
    closed = (await doctor.session.consultations.CloseConsultation(request)).consultation
    assert (closed.state, closed.fee_state) == (CONSULTATION_STATE_CLOSED, FEE_STATE_EARNED)


async def _keeps_what_was_said(patient: Person, consultation: Consultation, heard: list[Message]) -> None:
    request = ListMessagesRequest(consultation_id=consultation.consultation_id, page_size=500)
    kept = list((await patient.session.conversations.ListMessages(request)).messages)
    assert kept == heard
    assert _notices(kept) == [
        NoticeKind.NOTICE_KIND_CLAIMED,
        NoticeKind.NOTICE_KIND_CALL_ENDED,
        NoticeKind.NOTICE_KIND_ELIGIBILITY_DECIDED,
        NoticeKind.NOTICE_KIND_PRESCRIPTION_ISSUED,
        NoticeKind.NOTICE_KIND_ENDED,
    ]


async def _holds_a_prescription_that_anybody_can_verify(patient: Person, doctor: Person, issued: Prescription) -> None:
    request = GetPrescriptionRequest(prescription_id=issued.prescription_id)
    held = (await patient.session.prescriptions.GetPrescription(request)).prescription
    (key,) = (await patient.session.signing.ListPublicKeys(ListPublicKeysRequest(key_ids=[held.key_id]))).keys
    said = verify(held.signed_content, held.signature, key.public_key)
    assert said.written == written()
    assert (said.doctor_id, said.patient_id) == (key.account_id, patient.account_id)
    assert key.account_id == doctor.account_id


async def _sees_no_more(doctor: Person, patient: Person) -> None:
    async def closed() -> bool:
        return not await _reads(doctor, patient)

    await until(closed)


async def _rates(patient: Person, doctor: Person, consultation: Consultation) -> None:
    request = RateConsultationRequest(
        request_id=request_id(), consultation_id=consultation.consultation_id, stars=5, comment="很耐心"
    )
    rating = (await patient.session.ratings.RateConsultation(request)).rating
    reply = ReplyToRatingRequest(request_id=request_id(), rating_id=rating.rating_id, reply="祝早日康复")
    await doctor.session.ratings.ReplyToRating(reply)
    listed = await patient.session.ratings.ListRatings(ListRatingsRequest(doctor_id=doctor.account_id))
    (shown,) = listed.ratings
    assert (shown.stars, shown.comment, shown.reply, shown.patient_name) == (5, "很耐心", "祝早日康复", "李**")


async def _takes_everything_along(patient: Person, said: list[Message], prescription: Prescription) -> None:
    lines = b"".join([part async for part in patient.session.export_consultations()]).splitlines()
    records: dict[str, list[dict[str, Any]]] = {}
    for line in map(json.loads, lines):
        records.setdefault(line["kind"], []).append(line["record"])
    assert [ParseDict(record, Message()) for record in records["message"]] == said
    assert [record["state"] for record in records["consultation"]] == ["CONSULTATION_STATE_CLOSED"]
    (kept,) = (ParseDict(record, Prescription()) for record in records["prescription"])
    assert (kept.signed_content, kept.signature) == (prescription.signed_content, prescription.signature)
    assert {kind: len(found) for kind, found in records.items() if kind not in ("message", "prescription")} == {
        "export": 1,
        "consultation": 1,
        "attachment": 1,
        "call": 1,
        "health_record": 1,
        "rating": 1,
    }


async def _knows_who_looked(patient: Person, doctor: Person) -> None:
    wanted = {"ClaimConsultation", "Converse", "ListEntries", "JoinCall", "IssuePrescription", "CloseConsultation"}

    async def told() -> bool:
        events = (await patient.session.audit.ListAccessEvents(ListAccessEventsRequest(page_size=1000))).events
        used = {event.action.rpartition("/")[2] for event in events if event.actor_id == doctor.account_id}
        return wanted <= used

    await until(told)


async def _reads(doctor: Person, patient: Person) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return [entry async for entry in doctor.session.entries(patient.account_id)] != []
    except ApricotError as error:
        if error.reason != Reason.REASON_PATIENT_ACCESS_DENIED:
            raise
        return False
