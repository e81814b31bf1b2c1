"""The treating doctor's decisions: whether prescribing is allowed, and what came of the consultation."""

from datetime import date, datetime
from uuid import UUID

from apricot.consult.v1.consultation_pb2 import (
    CloseConsultationRequest,
    Consultation,
    DecideEligibilityRequest,
    Eligibility,
    Outcome,
    Referral,
)
from apricot.consult.v1.conversation_pb2 import NOTICE_KIND_ELIGIBILITY_DECIDED
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.errors import invalid_field
from kit.times import to_timestamp
from services.consult import events
from services.consult.domain.ages import require_age, require_guardian
from services.consult.domain.consultations import Act, State, after
from services.consult.rpc.evidence import require_evidence
from services.consult.rpc.participants import require_doctor
from services.consult.store import consultations as store
from services.consult.store.departments import departments
from services.consult.store.messages import add_notice
from services.consult.store.tables import ConsultationRow, HospitalRow


async def decide_eligibility(
    session: AsyncSession,
    request: DecideEligibilityRequest,
    call: Call,
    clock_time: datetime,
) -> Consultation:
    """Errors: those of `ConsultationService.DecideEligibility`."""
    row = (await require_doctor(session, call, request.consultation_id, clock_time)).consultation
    now, doctor = store.next_instant(row, clock_time), call.caller.account_id
    after(State(row.state), Act.DECIDE)
    if request.eligible:
        await _require_eligible(session, row, request)
    elif not request.note:
        raise invalid_field("note", "the patient reads why it is not allowed here")
    row.eligibility = Eligibility(
        eligible=request.eligible,
        earlier_diagnoses=request.earlier_diagnoses,
        evidence_attachment_ids=request.evidence_attachment_ids,
        earlier_consultation_id=request.earlier_consultation_id,
        guardian_present=request.guardian_present,
        note=request.note,
        doctor_id=str(doctor),
        decide_time=to_timestamp(now),
    ).SerializeToString()
    await add_notice(
        session, row.patient_id, row.consultation_id, NOTICE_KIND_ELIGIBILITY_DECIDED, now, account_id=doctor
    )
    if request.eligible:
        store.move(row, Act.DECIDE, now)
        await events.push_members(session, row, now, but=doctor)
    else:
        store.move(row, Act.REFER, now)
        referral = Referral(department_code=row.department_code, reason=request.note)
        row.outcome = Outcome(summary=request.note, referral=referral).SerializeToString()
        await events.ended(session, row, now, by=doctor)
    return await events.consultation_changed(session, row)


async def close(
    session: AsyncSession, request: CloseConsultationRequest, call: Call, clock_time: datetime
) -> Consultation:
    """Errors: those of `ConsultationService.CloseConsultation`."""
    row = (await require_doctor(session, call, request.consultation_id, clock_time)).consultation
    now = store.next_instant(row, clock_time)
    store.move(row, Act.REFER if request.outcome.HasField("referral") else Act.CLOSE, now)
    await _require_outcome(session, request.outcome)
    row.outcome = request.outcome.SerializeToString()
    await events.ended(session, row, now, by=call.caller.account_id)
    return await events.consultation_changed(session, row)


async def _require_eligible(session: AsyncSession, row: ConsultationRow, request: DecideEligibilityRequest) -> None:
    """Errors: INVALID_FIELD, AGE_UNKNOWN, GUARDIAN_REQUIRED, EVIDENCE_REQUIRED."""
    if not request.earlier_diagnoses:
        raise invalid_field("earlier_diagnoses", "at least one that this follows up")
    require_guardian(require_age(row.patient_age_years), present=request.guardian_present)
    await require_evidence(session, row, request)


async def _require_outcome(session: AsyncSession, outcome: Outcome) -> None:
    """What the contract's rules cannot say. Errors: INVALID_FIELD."""
    if outcome.follow_up_date:
        try:
            date.fromisoformat(outcome.follow_up_date)
        except ValueError as error:
            raise invalid_field("outcome.follow_up_date", "no such day") from error
    if outcome.HasField("referral"):
        referral = outcome.referral
        if referral.department_code not in departments():
            raise invalid_field("outcome.referral.department_code", "no such department")
        if referral.hospital_id and await session.get(HospitalRow, UUID(referral.hospital_id)) is None:
            raise invalid_field("outcome.referral.hospital_id", "no such hospital")
