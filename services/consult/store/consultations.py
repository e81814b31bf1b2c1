"""Consultations: found, locked, and moved from state to state. Each query names whose they are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.domain.consultations import Act, State, active_until, after, waiting_until
from services.consult.domain.fees import FeeState, fee_after
from services.consult.store.consultation_tables import ConsultationRow
from services.consult.store.conversation_tables import MessageRow
from services.consult.store.directory_tables import DoctorRow

_TICK = timedelta(microseconds=1)


async def lock_patient(session: AsyncSession, patient_id: UUID) -> None:
    """One consultation is opened by a patient at a time, to the end of the transaction."""
    key = {"key": f"consultations of patient_id {patient_id}"}
    await (await session.connection()).execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)


async def is_talked_of(session: AsyncSession, patient_id: UUID, appointment_id: UUID) -> bool:
    """Whether a consultation that was not cancelled is an appointment's talk."""
    query = select(ConsultationRow.consultation_id).where(
        ConsultationRow.patient_id == patient_id,
        ConsultationRow.appointment_id == appointment_id,
        ConsultationRow.state != State.CANCELLED,
    )
    return (await session.exec(query)).first() is not None


async def count_open(session: AsyncSession, patient_id: UUID) -> int:
    """How many of the patient's can still go on."""
    statement = select(func.count()).where(
        ConsultationRow.patient_id == patient_id, col(ConsultationRow.state).in_((State.WAITING, State.ACTIVE))
    )
    return (await session.exec(statement)).one()


async def find(session: AsyncSession, patient_id: UUID, consultation_id: UUID) -> ConsultationRow | None:
    """A consultation of the patient's."""
    statement = select(ConsultationRow).where(
        ConsultationRow.patient_id == patient_id, ConsultationRow.consultation_id == consultation_id
    )
    return (await session.exec(statement)).one_or_none()


async def find_waiting(session: AsyncSession, doctor: DoctorRow, consultation_id: UUID) -> ConsultationRow | None:
    """One that waits in the doctor's pool; never one whose patient_id is the doctor's own."""
    statement = select(ConsultationRow).where(
        ConsultationRow.consultation_id == consultation_id, ConsultationRow.state == State.WAITING, in_pool_of(doctor)
    )
    return (await session.exec(statement)).one_or_none()


async def lock_claimable(
    session: AsyncSession, account_id: UUID, on_duty: DoctorRow | None, consultation_id: UUID
) -> ConsultationRow | None:
    """One that was addressed to this account, or that is or was in the pool of the doctor on duty, in whichever state;
    nobody else changes it until the transaction ends."""
    addressed = col(ConsultationRow.doctor_id) == account_id
    mine = or_(addressed, in_pool_of(on_duty)) if on_duty is not None else addressed
    statement = select(ConsultationRow).where(ConsultationRow.consultation_id == consultation_id, mine)
    return (await session.exec(statement.with_for_update())).one_or_none()


def in_pool_of(doctor: DoctorRow) -> ColumnElement[bool]:
    """What this doctor's pool holds, or held."""
    return and_(
        col(ConsultationRow.pool).is_(True),
        col(ConsultationRow.patient_id) != doctor.doctor_id,
        or_(col(ConsultationRow.department_code) == doctor.department_code, col(ConsultationRow.escalation_level) > 0),
    )


async def lock_open_of(session: AsyncSession, account_id: UUID) -> Sequence[ConsultationRow]:
    """Return the open consultations of a patient_id or doctor; nobody else changes them until the transaction ends."""
    whose = or_(col(ConsultationRow.patient_id) == account_id, col(ConsultationRow.doctor_id) == account_id)
    is_open = col(ConsultationRow.state).in_((State.WAITING, State.ACTIVE))
    statement = select(ConsultationRow).where(is_open, whose).order_by(col(ConsultationRow.consultation_id))
    return (await session.exec(statement.with_for_update())).all()


async def has_answered(session: AsyncSession, row: ConsultationRow) -> bool:
    """Whether the doctor has written anything since taking it."""
    if row.doctor_id is None or row.claim_sequence is None:
        return False
    statement = select(MessageRow.sequence).where(
        MessageRow.consultation_id == row.consultation_id,
        MessageRow.patient_id == row.patient_id,
        MessageRow.sender_id == row.doctor_id,
        MessageRow.sequence > row.claim_sequence,
    )
    return (await session.exec(statement.limit(1))).first() is not None


def next_instant(row: ConsultationRow, now: datetime) -> datetime:
    """When what happens to it now happens: behind what happened last, though another machine's clock runs ahead."""
    return max(now, row.update_time + _TICK)


def move(row: ConsultationRow, act: Act, now: datetime, *, answered: bool = False) -> None:
    """Errors: `WrongStateError`."""
    state = after(State(row.state), act)
    row.fee_state = fee_after(FeeState(row.fee_state), act, answered=answered)
    row.state, row.update_time = state, now
    if not state.is_open:
        row.end_time, row.expire_time = now, None


def claim(row: ConsultationRow, doctor_id: UUID, now: datetime) -> None:
    """It is this doctor's now. Errors: `WrongStateError`."""
    move(row, Act.CLAIM, now)
    row.doctor_id, row.claim_time, row.expire_time = doctor_id, now, active_until(now)


def give_back(row: ConsultationRow, now: datetime) -> None:
    """It waits in the pool anew, as urgent as it was. Errors: `WrongStateError`."""
    move(row, Act.RETURN, now)
    row.doctor_id, row.claim_time, row.claim_sequence = None, None, None
    row.expire_time = waiting_until(now, pool=row.pool)
