"""Queries on appointments. Each carries the patient, or the doctor whose patients they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, text, tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database
from services.consult.domain.appointments import (
    GIVEN_BACK,
    MISSED_AFTER,
    Act,
    AlreadyBookedError,
    State,
    TimeConflictError,
    after,
    fee_after,
    next_reminder,
)
from services.consult.domain.fees import FeeState, held
from services.consult.store.booking_tables import AppointmentRow, SlotRow
from services.consult.store.directory_tables import DoctorRow
from services.consult.store.seats import give_back

_NEXT_NUMBER = text(
    "insert into queue (doctor_id, day, last_number) values (:doctor_id, :day, 1) "
    "on conflict (doctor_id, day) do update set last_number = queue.last_number + 1 returning last_number"
)

_IS_FULL = (
    "select exists (select from slot where slot_id = $1 and withdraw_time is null)"
    " and not exists (select from seat where slot_id = $1 and holder_id is null)"
    " and not exists (select from appointment where slot_id = $1 and patient_id = $2 and state <= 5)"
)


@dataclass(frozen=True, slots=True)
class Patient:
    """Who books."""

    patient_id: UUID
    name: str


async def lock_patient(session: AsyncSession, patient: UUID) -> None:
    """One booking of a patient's at a time, to the end of the transaction: two in conflict would deadlock."""
    key = {"key": f"appointments of patient_id {patient}"}
    await (await session.connection()).execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)


async def add(
    session: AsyncSession,
    appointment: UUID,
    patient: Patient,
    slot: SlotRow,
    doctor: DoctorRow,
    seat_number: int,
    now: datetime,
    previous: UUID | None = None,
) -> AppointmentRow:
    """A booked appointment. Errors: `AlreadyBookedError`, `TimeConflictError`; they end the transaction."""
    row = AppointmentRow(
        appointment_id=appointment,
        slot_id=slot.slot_id,
        seat_number=seat_number,
        doctor_id=slot.doctor_id,
        doctor_name=doctor.display_name,
        patient_id=patient.patient_id,
        patient_name=patient.name,
        state=State.BOOKED,
        start_time=slot.start_time,
        end_time=slot.end_time,
        time_zone=slot.time_zone,
        day=slot.day,
        mode=slot.mode,
        room=slot.room,
        fee_minor=slot.fee_minor,
        currency=slot.currency,
        fee_state=held(slot.fee_minor),
        previous_appointment_id=previous,
        remind_time=next_reminder(slot.start_time, now),
        create_time=now,
        update_time=now,
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        match getattr(error.orig.__cause__, "constraint_name", "") if error.orig else "":
            case "appointment_once":
                raise AlreadyBookedError("the patient has a place of this slot") from error
            case "appointments_lie_apart":
                raise TimeConflictError("the patient has another appointment at that time") from error
        raise
    return row


async def change(session: AsyncSession, row: AppointmentRow, act: Act, now: datetime) -> None:
    """What was booked is called, missed, cancelled …; a place that was given back is free at once. Errors:
    `WrongStateError`."""
    state = after(State(row.state), act)
    row.state, row.fee_state = state, fee_after(FeeState(row.fee_state), state)
    row.remind_time, row.update_time = None, now
    await session.flush()
    if state in GIVEN_BACK:
        await give_back(session, row.appointment_id)


async def check_in(session: AsyncSession, row: AppointmentRow, now: datetime) -> None:
    """The patient is there, with the next number of the doctor's day. Errors: `WrongStateError`."""
    after(State(row.state), Act.CHECK_IN)
    parameters = {"doctor_id": row.doctor_id, "day": row.day}
    row.queue_number = (await (await session.connection()).execute(_NEXT_NUMBER, parameters)).scalar_one()
    row.check_in_time = now
    await change(session, row, Act.CHECK_IN, now)


async def find(session: AsyncSession, account: UUID, appointment: UUID, *, lock: bool = False) -> AppointmentRow | None:
    """An appointment of which the account is the patient or the doctor. With `lock`, nobody else changes it until the
    transaction ends."""
    query = select(AppointmentRow).where(
        AppointmentRow.appointment_id == appointment,
        or_(col(AppointmentRow.patient_id) == account, col(AppointmentRow.doctor_id) == account),
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.exec(query)).one_or_none()


async def has_place(session: AsyncSession, patient: UUID, slot: UUID) -> bool:
    """Whether the patient has a place of the slot."""
    query = select(AppointmentRow.appointment_id).where(
        AppointmentRow.patient_id == patient,
        AppointmentRow.slot_id == slot,
        col(AppointmentRow.state) <= State.NO_SHOW,
    )
    return (await session.exec(query)).first() is not None


async def is_full_for(database: Database, patient_id: UUID, slot: UUID) -> bool:
    """Whether a slot that stands has no place left, as far as is committed, nor one of this patient's."""
    async with database.connection() as connection:
        return bool(await connection.fetchval(_IS_FULL, slot, patient_id))


async def slot_of(session: AsyncSession, patient: UUID, appointment: UUID) -> UUID | None:
    """The slot of a patient's appointment, which never changes."""
    query = select(AppointmentRow.slot_id).where(
        AppointmentRow.appointment_id == appointment, AppointmentRow.patient_id == patient
    )
    return (await session.exec(query)).one_or_none()


async def list_of_patient(
    session: AsyncSession, patient: UUID, state: int, limit: int, behind: tuple[datetime, UUID] | None
) -> Sequence[AppointmentRow]:
    """A patient's appointments in a state, or all (0), the latest start first."""
    place = tuple_(col(AppointmentRow.start_time), col(AppointmentRow.appointment_id))
    query = select(AppointmentRow).where(AppointmentRow.patient_id == patient)
    if state:
        query = query.where(AppointmentRow.state == state)
    if behind is not None:
        query = query.where(place < tuple_(*behind))
    return (await session.exec(query.order_by(*(part.desc() for part in place.clauses)).limit(limit))).all()


async def list_queue(
    session: AsyncSession, doctor: UUID, wanted: date | UUID, limit: int, behind: tuple[datetime, UUID] | None
) -> Sequence[AppointmentRow]:
    """A doctor's appointments of a day or a slot, whoever the patient_id; those whose place was given back left out."""
    place = tuple_(col(AppointmentRow.start_time), col(AppointmentRow.appointment_id))
    query = select(AppointmentRow).where(
        AppointmentRow.doctor_id == doctor, col(AppointmentRow.state).not_in(GIVEN_BACK)
    )
    if isinstance(wanted, UUID):
        query = query.where(AppointmentRow.slot_id == wanted)
    else:
        query = query.where(AppointmentRow.day == wanted)
    if behind is not None:
        query = query.where(place > tuple_(*behind))
    return (await session.exec(query.order_by(*place.clauses).limit(limit))).all()


async def next_in_queue(session: AsyncSession, doctor: UUID, day: date) -> AppointmentRow | None:
    """Who has checked in and has the lowest number of the doctor's day, whoever the patient_id; nobody else calls that
    patient until the transaction ends."""
    query = (
        select(AppointmentRow)
        .where(
            AppointmentRow.doctor_id == doctor,
            AppointmentRow.day == day,
            AppointmentRow.state == State.CHECKED_IN,
        )
        .order_by(col(AppointmentRow.queue_number))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(query)).one_or_none()


async def lock_of_slots(session: AsyncSession, slots: Collection[UUID]) -> Sequence[AppointmentRow]:
    """What would be cancelled with these slots, whoever the patient_id; nobody else changes it until the transaction
    ends."""
    query = (
        select(AppointmentRow)
        .where(
            col(AppointmentRow.slot_id).in_(slots),
            col(AppointmentRow.state).in_((State.BOOKED, State.CHECKED_IN)),
        )
        .order_by(col(AppointmentRow.appointment_id))
        .with_for_update()
    )
    return (await session.exec(query)).all()


async def lock_expected(session: AsyncSession, patient: UUID) -> Sequence[AppointmentRow]:
    """A patient's appointments that are booked or checked in; nobody else changes them until the transaction ends."""
    query = (
        select(AppointmentRow)
        .where(AppointmentRow.patient_id == patient, col(AppointmentRow.state) <= State.CHECKED_IN)
        .order_by(col(AppointmentRow.appointment_id))
        .with_for_update()
    )
    return (await session.exec(query)).all()


async def lock_open_of_doctor(session: AsyncSession, doctor: UUID) -> Sequence[AppointmentRow]:
    """A doctor's open appointments, of any patient_id; nobody else changes them until the transaction ends."""
    query = (
        select(AppointmentRow)
        .where(AppointmentRow.doctor_id == doctor, col(AppointmentRow.state) <= State.IN_PROGRESS)
        .order_by(col(AppointmentRow.appointment_id))
        .with_for_update()
    )
    return (await session.exec(query)).all()


async def claim_reminders(session: AsyncSession, now: datetime, most: int) -> Sequence[AppointmentRow]:
    """Appointments whose patient_id is to be reminded; nobody else gets them until the transaction ends."""
    query = (
        select(AppointmentRow)
        .where(col(AppointmentRow.remind_time) <= now)
        .order_by(col(AppointmentRow.remind_time))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(query)).all()


async def claim_missed(session: AsyncSession, now: datetime, most: int) -> Sequence[AppointmentRow]:
    """Appointments that are over and whose patient_id has not checked in; nobody else gets them until the transaction
    ends."""
    query = (
        select(AppointmentRow)
        .where(AppointmentRow.state == State.BOOKED, col(AppointmentRow.end_time) <= now - MISSED_AFTER)
        .order_by(col(AppointmentRow.end_time))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(query)).all()
