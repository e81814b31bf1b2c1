"""What shows that a diagnosis was made before."""

from uuid import UUID

from apricot.consult.v1.consultation_pb2 import DecideEligibilityRequest, Outcome
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.domain import diagnoses
from services.consult.domain.consultations import State
from services.consult.domain.diagnoses import EvidenceRequiredError
from services.consult.store import consultations as store
from services.consult.store.attachments import attachment_ids
from services.consult.store.tables import ConsultationRow


async def require_evidence(session: AsyncSession, row: ConsultationRow, request: DecideEligibilityRequest) -> None:
    """Every attachment named is one of this consultation; an earlier consultation named is the patient's, was closed,
    and shows such a diagnosis. Errors: EVIDENCE_REQUIRED."""
    named = set(map(UUID, request.evidence_attachment_ids))
    if named and not named <= await attachment_ids(session, row.patient_id, row.consultation_id):
        raise EvidenceRequiredError
    earlier = await _earlier_codes(session, row, request.earlier_consultation_id)
    if earlier is None and not named:
        raise EvidenceRequiredError
    if earlier is not None:
        claimed = [diagnosis.code for diagnosis in request.earlier_diagnoses]
        diagnoses.require_evidence(claimed, earlier, documented=bool(named))


async def _earlier_codes(session: AsyncSession, row: ConsultationRow, consultation_id: str) -> list[str] | None:
    """What was diagnosed in an earlier consultation; None: none is named."""
    if not consultation_id:
        return None
    found = await store.find(session, row.patient_id, UUID(consultation_id))
    if found is None or found.state != State.CLOSED or found.outcome is None:
        raise EvidenceRequiredError
    return [diagnosis.code for diagnosis in Outcome.FromString(found.outcome).diagnoses]
