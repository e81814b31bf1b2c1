"""Prescriptions on the whole platform: through the gateway, by two replicas, with the codes of a real authenticator."""

import asyncio
from uuid import UUID

import pytest
from apricot.consult.v1.health_record_pb2 import AddToHealthRecordRequest, GetHealthRecordRequest
from apricot.consult.v1.prescription_pb2 import (
    PRESCRIPTION_STATE_REVOKED,
    CheckPrescriptionRequest,
    GetPrescriptionRequest,
    IssuePrescriptionRequest,
    ListPrescriptionsRequest,
    PreparePrescriptionRequest,
    RevokePrescriptionRequest,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.identity.v1.audit_pb2 import ListAccessEventsRequest
from apricot.identity.v1.signing_pb2 import ListPublicKeysRequest, ProveSecondFactorRequest

from clients.sdk import ApricotError
from clients.sdk.prescriptions import verify
from kit.clock import utc_now
from kit.database import Database
from tests.consult.prescriptions.consulting import consultation
from tests.consult.prescriptions.writing import facts, request_id, written
from tests.kit.running import until
from tests.people import People, Person


class Case:
    """A doctor and a patient in a consultation."""

    def __init__(self, doctor: Person, patient: Person, consultation_id: str) -> None:
        self.doctor, self.patient, self.consultation_id = doctor, patient, consultation_id

    async def prepare(self) -> bytes:
        prepare = PreparePrescriptionRequest(consultation_id=self.consultation_id, written=written())
        return (await self.doctor.session.prescriptions.PreparePrescription(prepare)).content

    async def issue(self, content: bytes, same: str = "") -> str:
        request = IssuePrescriptionRequest(
            request_id=same or request_id(), consultation_id=self.consultation_id, written=written(), content=content
        )
        return (await self.doctor.session.prescriptions.IssuePrescription(request)).prescription.prescription_id


@pytest.fixture
async def case(people: People, consult_database: Database) -> Case:
    doctor, patient = await people.new_clinician(), await people.patient()
    accounts = UUID(patient.account_id), UUID(doctor.account_id)
    return Case(doctor, patient, str(await consultation(consult_database, *accounts, utc_now())))


async def test_from_the_doctor_s_hand_to_the_patient_s_eyes(case: Case) -> None:
    doctor, patient = case.doctor.session, case.patient.session
    with pytest.raises(ApricotError) as caught:
        await case.prepare()
    assert caught.value.reason == Reason.REASON_PRESCRIPTION_UNSAFE
    check = CheckPrescriptionRequest(consultation_id=case.consultation_id, written=written())
    assert "allergy:not-recorded" in {
        found.key for found in (await doctor.prescriptions.CheckPrescription(check)).findings
    }
    add = AddToHealthRecordRequest(
        request_id=request_id(), consultation_id=case.consultation_id, facts=facts(utc_now().date().isoformat())
    )
    await doctor.health_record.AddToHealthRecord(add)
    assert (await patient.health_record.GetHealthRecord(GetHealthRecordRequest())).record.revision == 1
    assert not (await doctor.prescriptions.CheckPrescription(check)).findings
    other, content = await case.prepare(), await case.prepare()
    with pytest.raises(ApricotError) as caught:
        await case.issue(content)
    assert caught.value.reason == Reason.REASON_FRESH_SIGN_IN_REQUIRED

    await case.doctor.prove_second_factor(content)
    with pytest.raises(ApricotError) as caught:
        await case.issue(other)
    assert caught.value.reason == Reason.REASON_PROOF_OF_OTHER_CONTENT
    same = request_id()
    (made,) = set(await asyncio.gather(*(case.issue(content, same) for _ in range(8))))
    shown = (await patient.prescriptions.GetPrescription(GetPrescriptionRequest(prescription_id=made))).prescription
    (key,) = (await patient.signing.ListPublicKeys(ListPublicKeysRequest(key_ids=[shown.key_id]))).keys
    assert verify(shown.signed_content, shown.signature, key.public_key) == shown.content
    assert key.account_id == case.doctor.account_id
    listed = (await patient.prescriptions.ListPrescriptions(ListPrescriptionsRequest())).prescriptions
    assert list(listed) == [shown]

    revoke = RevokePrescriptionRequest(request_id=request_id(), prescription_id=made, reason="改用别的药")
    await doctor.prescriptions.RevokePrescription(revoke)
    shown = (await patient.prescriptions.GetPrescription(GetPrescriptionRequest(prescription_id=made))).prescription
    assert shown.state == PRESCRIPTION_STATE_REVOKED

    used = {"CheckPrescription", "IssuePrescription", "Sign", "AddToHealthRecord", "RevokePrescription"}

    async def in_the_audit() -> bool:
        events = (await patient.audit.ListAccessEvents(ListAccessEventsRequest(page_size=1000))).events
        actor = case.doctor.account_id
        return used <= {event.action.rpartition("/")[2] for event in events if event.actor_id == actor}

    await until(in_the_audit)


async def test_a_code_of_the_sign_in_proves_nothing(people: People, case: Case) -> None:
    with pytest.raises(ApricotError) as caught:
        await case.doctor.session.signing.ProveSecondFactor(
            ProveSecondFactorRequest(request_id=request_id(), totp_code="000000")
        )
    assert caught.value.reason == Reason.REASON_SECOND_FACTOR_INVALID
    with pytest.raises(ApricotError) as caught:
        await case.patient.session.signing.ProveSecondFactor(
            ProveSecondFactorRequest(request_id=request_id(), totp_code="000000")
        )
    assert caught.value.reason == Reason.REASON_ROLE_REQUIRED


async def test_to_an_outsider_it_does_not_exist(people: People, case: Case) -> None:
    stranger = await people.patient()
    with pytest.raises(ApricotError) as caught:
        await stranger.session.prescriptions.ListPrescriptions(
            ListPrescriptionsRequest(consultation_id=case.consultation_id)
        )
    assert caught.value.reason == Reason.REASON_NOT_FOUND
