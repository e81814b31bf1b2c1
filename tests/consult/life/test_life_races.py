"""Who is first: doctors, patients and timers at one consultation, on real processes."""

import asyncio
from typing import Any

import grpc
from apricot.consult.v1 import consultation_pb2 as pb
from apricot.consult.v1.consultation_pb2_grpc import ConsultationServiceStub
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk import ApricotError
from kit.database import Database
from stack.platform import Platform
from tests.consult.life.living import as_uuid, cancelled, claimed, fetch, opened, pooled_doctors, request_id, seen
from tests.patience import PATIENCE
from tests.people import People

DEPARTMENT = "rheumatology"
CLAIMS_OF_EACH = 12


async def claim_at(
    stub: ConsultationServiceStub, token: str, consultation: pb.Consultation
) -> pb.ClaimConsultationResponse | Reason.ValueType:
    """The answer, or the reason of the refusal."""
    request = pb.ClaimConsultationRequest(request_id=request_id(), consultation_id=consultation.consultation_id)
    claim: Any = stub.ClaimConsultation
    try:
        answer = await claim(request, timeout=PATIENCE, metadata=(("authorization", f"Bearer {token}"),))
        assert isinstance(answer, pb.ClaimConsultationResponse)
        return answer
    except grpc.aio.AioRpcError as error:
        return ApricotError.of(error).reason


async def test_of_many_doctors_one_gets_it(people: People, consult_database: Database, platform: Platform) -> None:
    """Six doctors, each with twelve claims of their own at once, through both replicas."""
    doctors, patient = await pooled_doctors(people, DEPARTMENT, 6), await people.patient()
    tokens = [await doctor.token() for doctor in doctors]
    addresses = platform.addresses("consult")
    assert len(addresses) == 2
    async with grpc.aio.insecure_channel(addresses[0]) as one, grpc.aio.insecure_channel(addresses[1]) as two:
        stubs = ConsultationServiceStub(one), ConsultationServiceStub(two)
        for _ in range(2):
            asked = await opened(patient, department=DEPARTMENT)
            answers = await asyncio.gather(
                *(claim_at(stubs[n % 2], token, asked) for n in range(CLAIMS_OF_EACH) for token in tokens)
            )
            won = [answer for answer in answers if isinstance(answer, pb.ClaimConsultationResponse)]
            assert len(won) == 1
            assert {answer for answer in answers if not isinstance(answer, pb.ClaimConsultationResponse)} == {
                Reason.REASON_WRONG_STATE
            }
            winner = won[0].consultation.doctor_id
            now = await seen(patient, asked)
            assert (now.state, now.doctor_id) == (pb.CONSULTATION_STATE_ACTIVE, winner)
            assert [member.account_id for member in now.members] == [patient.account_id, winner]
            (notices,) = await fetch(
                consult_database, "select count(*) from message where consultation_id = $1", as_uuid(asked)
            )
            assert notices["count"] == 1 == now.last_sequence


async def test_a_patient_who_withdraws_meets_a_doctor_who_claims(people: People, consult_database: Database) -> None:
    (doctor,), patient = await pooled_doctors(people, DEPARTMENT, 1), await people.patient()
    outcomes = set()
    for n in range(12):
        asked = await opened(patient, doctor)
        one, other = (claimed(doctor, asked), cancelled(patient, asked))
        pair = (one, other) if n % 2 else (other, one)
        answers = await asyncio.gather(*pair, return_exceptions=True)
        (refusal,) = (answer for answer in answers if isinstance(answer, BaseException))
        assert isinstance(refusal, ApricotError)
        assert refusal.reason == Reason.REASON_WRONG_STATE
        now = await seen(patient, asked)
        outcomes.add(now.state)
        if now.state == pb.CONSULTATION_STATE_CANCELLED:
            assert not now.HasField("claim_time")
        else:
            assert not now.HasField("end_time")
            request = pb.CloseConsultationRequest(
                request_id=request_id(), consultation_id=asked.consultation_id, outcome=pb.Outcome(summary="复诊")
            )
            await doctor.session.consultations.CloseConsultation(request)
    assert outcomes <= {pb.CONSULTATION_STATE_ACTIVE, pb.CONSULTATION_STATE_CANCELLED}


async def test_of_many_at_once_five_are_opened(people: People) -> None:
    patient = await people.patient()

    async def one() -> Reason.ValueType | None:
        try:
            await opened(patient, department=DEPARTMENT)
        except ApricotError as error:
            return error.reason
        return None

    reasons = await asyncio.gather(*(one() for _ in range(12)))
    assert sorted(reasons, key=str) == sorted([None] * 5 + [Reason.REASON_TOO_MANY] * 7, key=str)
