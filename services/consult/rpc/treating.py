"""How doctors come to a consultation and leave it: they claim it, decline it, and bring in colleagues."""

from datetime import datetime
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.consultation_pb2 import (
    MEMBER_ROLE_COLLEAGUE,
    MEMBER_ROLE_DOCTOR,
    ClaimConsultationRequest,
    Consultation,
    DeclineConsultationRequest,
    InviteColleagueRequest,
)
from apricot.consult.v1.conversation_pb2 import NOTICE_KIND_CLAIMED, NOTICE_KIND_COLLEAGUE_JOINED, MessageContent
from apricot.errors.v1.reason_pb2 import Reason
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.errors import ApricotError, not_found
from services.consult import events
from services.consult.domain.consultations import MOST_MEMBERS, Act, State, after, declining
from services.consult.domain.entitlement import require_entitled
from services.consult.rpc.opening import seat
from services.consult.rpc.participants import require_doctor
from services.consult.store import consultations as store
from services.consult.store import duty
from services.consult.store.directory_tables import DoctorRow
from services.consult.store.members import dismiss, members_of
from services.consult.store.messages import add_message, add_notice
from services.consult.store.tables import ConsultationRow


async def claim(
    session: AsyncSession, request: ClaimConsultationRequest, call: Call, clock_time: datetime
) -> Consultation:
    """Errors: those of `ConsultationService.ClaimConsultation`."""
    caller = call.caller.account_id
    doctor = await duty.find_doctor(session, caller)
    if doctor is None:
        raise not_found("consultation")
    # Whose licence has ended is told so; who is not listed takes nothing from a pool.
    pool_of = doctor if doctor.listed else None
    row = await store.lock_claimable(session, caller, pool_of, UUID(request.consultation_id))
    if row is None:
        raise not_found("consultation")
    events.access_used(session, call, row.patient_id, clock_time)
    _require_entitled(doctor, clock_time)
    now = store.next_instant(row, clock_time)
    was_chosen = row.doctor_id == caller
    store.claim(row, caller, now)
    if not was_chosen:
        session.add(seat(row, caller, MEMBER_ROLE_DOCTOR, doctor.display_name, now))
    await session.flush()
    row.claim_sequence = await add_notice(
        session, row.patient_id, row.consultation_id, NOTICE_KIND_CLAIMED, now, account_id=caller
    )
    await events.push_members(session, row, now, but=caller)
    scopes = [Scope.ValueType(scope) for scope in row.shared_scopes]
    events.care_begun(session, row.patient_id, caller, scopes, row.consultation_id, now)
    return await events.consultation_changed(session, row)


async def decline(
    session: AsyncSession, request: DeclineConsultationRequest, call: Call, clock_time: datetime
) -> Consultation:
    """Errors: those of `ConsultationService.DeclineConsultation`."""
    row = (await require_doctor(session, call, request.consultation_id, clock_time)).consultation
    now, doctor = store.next_instant(row, clock_time), call.caller.account_id
    answered = await store.has_answered(session, row)
    act = declining(State(row.state), pool=row.pool, answered=answered)
    if act is Act.RETURN:
        store.give_back(row, now)
    else:
        store.move(row, act, now)
    await session.flush()
    if request.note:
        said = MessageContent(text=request.note)
        await add_message(session, row.patient_id, row.consultation_id, said, now, sender_id=doctor)
    if act is Act.RETURN:
        events.care_ended(session, row.patient_id, row.consultation_id, now)
        await events.push_members(session, row, now, but=doctor)
    else:
        await events.ended(session, row, now, by=doctor)
    await dismiss(session, row.patient_id, row.consultation_id)
    return await events.consultation_changed(session, row)


async def invite(
    session: AsyncSession, request: InviteColleagueRequest, call: Call, clock_time: datetime
) -> Consultation:
    """Errors: those of `ConsultationService.InviteColleague`."""
    row = (await require_doctor(session, call, request.consultation_id, clock_time)).consultation
    now = store.next_instant(row, clock_time)
    after(State(row.state), Act.INVITE)
    colleague = await duty.find_doctor(session, UUID(request.doctor_id))
    if colleague is None:
        raise not_found("doctor")
    members = await members_of(session, row.patient_id, row.consultation_id)
    if colleague.doctor_id not in {member.account_id for member in members}:
        _require_entitled(colleague, clock_time)
        if len(members) >= MOST_MEMBERS:
            raise ApricotError(Reason.REASON_TOO_MANY, f"{MOST_MEMBERS} take part")
        await _bring_in(session, row, colleague, now)
    return await events.consultation_changed(session, row)


async def _bring_in(session: AsyncSession, row: ConsultationRow, colleague: DoctorRow, now: datetime) -> None:
    store.move(row, Act.INVITE, now)
    session.add(seat(row, colleague.doctor_id, MEMBER_ROLE_COLLEAGUE, colleague.display_name, now))
    await session.flush()
    await add_notice(
        session,
        row.patient_id,
        row.consultation_id,
        NOTICE_KIND_COLLEAGUE_JOINED,
        now,
        account_id=colleague.doctor_id,
    )
    events.push(session, row, [row.patient_id, colleague.doctor_id], now)


def _require_entitled(doctor: DoctorRow, now: datetime) -> None:
    require_entitled(doctor.licence_end_time, doctor.first_registration_date, now)
