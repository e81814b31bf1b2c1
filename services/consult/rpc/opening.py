"""How a consultation is opened: to whom, for which fee, by whom."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from apricot.consult.v1.consultation_pb2 import (
    MEMBER_ROLE_DOCTOR,
    MEMBER_ROLE_PATIENT,
    Consultation,
    OpenConsultationRequest,
)
from apricot.errors.v1.reason_pb2 import Reason
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.errors import ApricotError, not_allowed, not_found
from kit.profiles import Profile
from services.consult import events
from services.consult.domain.ages import require_guardian
from services.consult.domain.appointments import CHECK_IN_BEFORE, require_standing
from services.consult.domain.appointments import State as AppointmentState
from services.consult.domain.consultations import MOST_OPEN, State, waiting_until
from services.consult.domain.entitlement import require_entitled
from services.consult.domain.fees import POOL_CURRENCY, POOL_FEE_MINOR, Mode, held
from services.consult.domain.practice import LicenceExpiredError, PracticeTooShortError
from services.consult.rpc.desk import require_before, require_from
from services.consult.store import appointments, duty
from services.consult.store import consultations as store
from services.consult.store.deleted_accounts import require_account
from services.consult.store.departments import departments
from services.consult.store.directory_tables import DoctorRow
from services.consult.store.tables import ConsultationRow, MemberRow

_MOST_TOLD = 50
"""Doctors of a department who are told of a question to its pool."""


@dataclass(frozen=True, slots=True)
class _Addressee:
    """Whom a consultation is for, and what it costs."""

    doctor: DoctorRow | None
    department_code: str
    fee_minor: int
    currency: str


async def open_consultation(
    session: AsyncSession, request: OpenConsultationRequest, call: Call, profile: Profile, now: datetime
) -> Consultation:
    """Errors: those of `ConsultationService.OpenConsultation`; SESSION_ENDED."""
    patient, age = call.caller.account_id, profile.age_years(now)
    addressee = await _addressee(session, request, patient, now)
    require_guardian(age, present=request.HasField("guardian"))
    await store.lock_patient(session, patient)
    await require_account(session, patient)
    if request.appointment_id:
        await _require_appointment(session, request, patient, now)
        addressee = replace(addressee, fee_minor=0)  # it was asked for with the appointment
    if await store.count_open(session, patient) >= MOST_OPEN:
        raise ApricotError(Reason.REASON_TOO_MANY, f"{MOST_OPEN} consultations are open")
    doctor, pool = addressee.doctor, addressee.doctor is None
    row = ConsultationRow(
        consultation_id=uuid4(),
        patient_id=patient,
        patient_name=profile.display_name,
        patient_age_years=age,
        doctor_id=doctor.doctor_id if doctor else None,
        department_code=addressee.department_code,
        mode=request.mode,
        state=State.WAITING,
        pool=pool,
        complaint=request.complaint,
        fee_minor=addressee.fee_minor,
        currency=addressee.currency,
        fee_state=held(addressee.fee_minor),
        shared_scopes=sorted(request.shared_scopes),
        guardian=request.guardian.SerializeToString() if request.HasField("guardian") else None,
        appointment_id=UUID(request.appointment_id) if request.appointment_id else None,
        create_time=now,
        update_time=now,
        expire_time=waiting_until(now, pool=pool),
    )
    session.add(row)
    session.add(seat(row, patient, MEMBER_ROLE_PATIENT, profile.display_name, now))
    if doctor is not None:
        session.add(seat(row, doctor.doctor_id, MEMBER_ROLE_DOCTOR, doctor.display_name, now))
    told = [doctor.doctor_id] if doctor else await duty.on_duty(session, row.department_code, now, _MOST_TOLD)
    events.push(session, row, (account for account in told if account != patient), now)
    return await events.consultation_changed(session, row)


def seat(row: ConsultationRow, account: UUID, role: int, display_name: str, now: datetime) -> MemberRow:
    """Somebody's place in a consultation."""
    return MemberRow(
        consultation_id=row.consultation_id,
        patient_id=row.patient_id,
        account_id=account,
        role=role,
        display_name=display_name,
        join_time=now,
    )


async def _require_appointment(
    session: AsyncSession, request: OpenConsultationRequest, patient: UUID, now: datetime
) -> None:
    """The appointment is the patient's, with that doctor, in that mode, its time has come, and no other consultation is
    its talk. Errors: NOT_FOUND, WRONG_STATE, OUTSIDE_POLICY, ALREADY_EXISTS."""
    found = await appointments.find(session, patient, UUID(request.appointment_id))
    if found is None or (str(found.doctor_id), found.mode) != (request.doctor_id, request.mode):
        raise not_found("appointment")
    require_standing(AppointmentState(found.state))
    require_from(now, found.start_time - CHECK_IN_BEFORE)
    require_before(now, found.end_time)
    if await store.is_talked_of(session, patient, found.appointment_id):
        raise ApricotError(Reason.REASON_ALREADY_EXISTS, "the appointment has its consultation")


async def _addressee(
    session: AsyncSession, request: OpenConsultationRequest, patient: UUID, now: datetime
) -> _Addressee:
    """Errors: NOT_FOUND, NOT_ALLOWED, DOCTOR_NOT_AVAILABLE."""
    if request.HasField("department_code"):
        if request.department_code not in departments():
            raise not_found("department")
        return _Addressee(None, request.department_code, POOL_FEE_MINOR[Mode(request.mode)], POOL_CURRENCY)
    doctor = await duty.find_doctor(session, UUID(request.doctor_id))
    if doctor is None:
        raise not_found("doctor")
    if doctor.doctor_id == patient:
        raise not_allowed("doctors do not consult themselves")
    offer = await duty.find_offer(session, doctor.doctor_id, request.mode)
    if offer is None or not doctor.listed or not _is_entitled(doctor, now):
        raise ApricotError(Reason.REASON_DOCTOR_NOT_AVAILABLE, "the doctor does not take such consultations now")
    return _Addressee(doctor, doctor.department_code, offer.fee_minor, offer.currency)


def _is_entitled(doctor: DoctorRow, now: datetime) -> bool:
    try:
        require_entitled(doctor.licence_end_time, doctor.first_registration_date, now)
    except (LicenceExpiredError, PracticeTooShortError):
        return False
    return True
