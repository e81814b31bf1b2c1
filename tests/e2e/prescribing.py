"""A prescription from a real consultation, through the gateway."""

from apricot.consult.v1.consultation_pb2 import (
    CONSULTATION_MODE_TEXT,
    ClaimConsultationRequest,
    CloseConsultationRequest,
    DecideEligibilityRequest,
    DiagnosisCode,
    OpenConsultationRequest,
    Outcome,
)
from apricot.consult.v1.health_record_pb2 import AddToHealthRecordRequest, HealthFacts
from apricot.consult.v1.prescription_pb2 import Prescription, WrittenPrescription

from tests.e2e.market import request_id
from tests.people import Person
from tests.pictures import picture

DIABETES = DiagnosisCode(code="E11.9", description="2型糖尿病")


async def prescribed(doctor: Person, patient: Person, written: WrittenPrescription, known: HealthFacts) -> Prescription:
    """The patient asks, the doctor looks at an old report, writes and signs, and says what to do."""
    opening = OpenConsultationRequest(
        request_id=request_id(),
        doctor_id=doctor.account_id,
        mode=CONSULTATION_MODE_TEXT,
        complaint="药快吃完了，想续方",
    )
    consultation_id = (await patient.session.consultations.OpenConsultation(opening)).consultation.consultation_id
    consult = doctor.session.consultations
    await consult.ClaimConsultation(ClaimConsultationRequest(request_id=request_id(), consultation_id=consultation_id))
    shown = await patient.session.upload_attachment(consultation_id, picture())
    await consult.DecideEligibility(
        DecideEligibilityRequest(
            request_id=request_id(),
            consultation_id=consultation_id,
            eligible=True,
            earlier_diagnoses=[DIABETES],
            evidence_attachment_ids=[shown.attachment_id],
        )
    )
    await doctor.session.health_record.AddToHealthRecord(
        AddToHealthRecordRequest(request_id=request_id(), consultation_id=consultation_id, facts=known)
    )
    issued = await doctor.issue(consultation_id, written)
    await consult.CloseConsultation(
        CloseConsultationRequest(
            request_id=request_id(),
            consultation_id=consultation_id,
            outcome=Outcome(summary="血糖平稳，续方", diagnoses=[DIABETES], advice="按时服药"),
        )
    )
    return issued
