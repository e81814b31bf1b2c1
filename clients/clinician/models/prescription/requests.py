"""What is sent to have a prescription signed, kept until it is answered: a repeat of it issues nothing twice."""

import base64
from collections.abc import Sequence
from uuid import uuid4

from apricot.consult.v1.consultation_pb2 import Consultation
from apricot.consult.v1.prescription_pb2 import (
    FindingOverride,
    IssuePrescriptionRequest,
    PreparePrescriptionRequest,
    Prescription,
    RevisePrescriptionRequest,
    WrittenPrescription,
)
from apricot.errors.v1.reason_pb2 import Reason

from clients.clinician.models.prescription.writing import Writing
from clients.sdk import ApricotError, Session
from clients.sdk.prescriptions import require_as_written

type SignRequest = IssuePrescriptionRequest | RevisePrescriptionRequest


def new(
    consultation_id: str, writing: Writing, written: WrittenPrescription, overrides: Sequence[FindingOverride]
) -> SignRequest:
    """For what is written now, with an id of its own."""
    if writing.revised_id:
        return RevisePrescriptionRequest(
            request_id=str(uuid4()),
            prescription_id=writing.revised_id,
            expected_revision=writing.revision,
            written=written,
            overrides=overrides,
        )
    return IssuePrescriptionRequest(
        request_id=str(uuid4()), consultation_id=consultation_id, written=written, overrides=overrides
    )


async def prepare(session: Session, consultation: Consultation, request: SignRequest) -> bytes:
    """Return the bytes that are to be signed: they say just what was written. Raise the errors of the contract's
    PreparePrescription; PROOF_OF_OTHER_CONTENT when they say something else."""
    prepare = PreparePrescriptionRequest(
        consultation_id=consultation.consultation_id, written=request.written, overrides=request.overrides
    )
    if isinstance(request, RevisePrescriptionRequest):
        prepare.revised_prescription_id = request.prescription_id
        prepare.expected_revision = request.expected_revision
    content = (await session.prescriptions.PreparePrescription(prepare)).content
    require_as_written(content, request.written, request.overrides, consultation.patient_id)
    return content


async def send(session: Session, request: SignRequest) -> Prescription:
    """As issued. Errors: those of the contract's IssuePrescription and RevisePrescription."""
    if isinstance(request, RevisePrescriptionRequest):
        return (await session.prescriptions.RevisePrescription(request)).prescription
    return (await session.prescriptions.IssuePrescription(request)).prescription


def may_have_happened(error: ApricotError) -> bool:
    """Whether it may have been issued although no answer says so."""
    if error.reason == Reason.REASON_RATE_LIMITED:
        return False
    return error.temporary or error.reason in (Reason.REASON_INTERNAL, Reason.REASON_UNSPECIFIED)


def to_text(request: SignRequest) -> str:
    """For a draft."""
    kind = "revise" if isinstance(request, RevisePrescriptionRequest) else "issue"
    return f"{kind}:{base64.b64encode(request.SerializeToString()).decode()}"


def of_text(text: str) -> SignRequest:
    """From a draft."""
    kind, _, content = text.partition(":")
    made = RevisePrescriptionRequest if kind == "revise" else IssuePrescriptionRequest
    return made.FromString(base64.b64decode(content))
