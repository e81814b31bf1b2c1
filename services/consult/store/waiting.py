"""Queries on waiting lists. Each carries the patient, or offers a place to whoever waits first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, exists, func, or_, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.domain.appointments import SlotFullError
from services.consult.domain.appointments import State as AppointmentState
from services.consult.domain.waiting import AFTER_WITHDRAWAL, Act, AlreadyWaitingError, State, after, held_until
from services.consult.store.booking_tables import AppointmentRow, SlotRow, WaitingRow
from services.consult.store.seats import give_back, take_seat
from services.consult.store.slots import has_a_free_place, keep_slots


async def join(session: AsyncSession, row: WaitingRow) -> None:
    """Add a patient_id's entry. Errors: `AlreadyWaitingError`."""
    statement = insert(WaitingRow).values(row.model_dump()).on_conflict_do_nothing().returning(col(WaitingRow.entry_id))
    if (await (await session.connection()).execute(statement)).scalar_one_or_none() is None:
        raise AlreadyWaitingError("the patient waits for this already")


async def join_after_withdrawal(session: AsyncSession, lost: AppointmentRow, now: datetime) -> WaitingRow | None:
    """The entry of a patient_id who lost a place to a withdrawal: for the same doctor, in line since the booking; None:
    the patient waits for that doctor already."""
    row = WaitingRow(
        entry_id=uuid4(),
        patient_id=lost.patient_id,
        patient_name=lost.patient_name,
        doctor_id=lost.doctor_id,
        start_time=now,
        end_time=lost.start_time + AFTER_WITHDRAWAL,
        state=State.WAITING,
        create_time=lost.create_time,
        update_time=now,
    )
    try:
        await join(session, row)
    except AlreadyWaitingError:
        return None
    return row


async def find(session: AsyncSession, patient: UUID, entry: UUID, *, lock: bool = False) -> WaitingRow | None:
    """A patient's entry. With `lock`, nobody else changes it until the transaction ends."""
    query = select(WaitingRow).where(WaitingRow.entry_id == entry, WaitingRow.patient_id == patient)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.exec(query)).one_or_none()


async def count_open(session: AsyncSession, patient: UUID) -> int:
    """A patient's open entries."""
    is_open = col(WaitingRow.state).in_((State.WAITING, State.OFFERED))
    query = select(func.count()).select_from(WaitingRow).where(WaitingRow.patient_id == patient, is_open)
    return (await session.exec(query)).one()


async def list_of_patient(
    session: AsyncSession, patient: UUID, state: int, limit: int, behind: tuple[datetime, UUID] | None
) -> Sequence[WaitingRow]:
    """A patient's entries in a state, or all (0), the newest first."""
    place = tuple_(col(WaitingRow.create_time), col(WaitingRow.entry_id))
    query = select(WaitingRow).where(WaitingRow.patient_id == patient)
    if state:
        query = query.where(WaitingRow.state == state)
    if behind is not None:
        query = query.where(place < tuple_(*behind))
    return (await session.exec(query.order_by(*(part.desc() for part in place.clauses)).limit(limit))).all()


async def change(session: AsyncSession, row: WaitingRow, act: Act, now: datetime) -> None:
    """An entry is accepted, left or lapses. Errors: `WrongStateError`."""
    row.state, row.update_time = after(State(row.state), act), now
    await session.flush()


async def end(session: AsyncSession, row: WaitingRow, act: Act, now: datetime) -> None:
    """The patient waits no longer; a place on offer is free again. Errors: `WrongStateError`."""
    await change(session, row, act, now)
    await give_back(session, row.entry_id)


async def offer_places(session: AsyncSession, slot_id: UUID, now: datetime) -> list[WaitingRow]:
    """Hold the free places of a slot for those who wait longest; which entries got one. A slot that is being withdrawn
    has none."""
    found = await keep_slots(session, [slot_id], skip_locked=True)
    offered: list[WaitingRow] = []
    for slot, _ in found.values():
        while slot.start_time > now and (row := await _first_in_line(session, slot)) is not None:
            try:
                await take_seat(session, slot.slot_id, row.entry_id)
            except SlotFullError:
                break
            row.offered_slot_id, row.offer_expire_time = slot.slot_id, held_until(now, slot.start_time)
            await change(session, row, Act.OFFER, now)
            offered.append(row)
    return offered


async def slots_waited_for(session: AsyncSession, now: datetime, most: int) -> Sequence[UUID]:
    """Slots with a free place that some patient_id waits for and could take."""
    query = (
        select(SlotRow.slot_id)
        .join(WaitingRow, _waits_for(col(SlotRow.slot_id), col(SlotRow.doctor_id), col(SlotRow.start_time)))
        .where(
            col(SlotRow.withdraw_time).is_(None),
            col(SlotRow.start_time) > now,
            has_a_free_place(),
            ~_is_busy(col(SlotRow.slot_id), col(SlotRow.start_time), col(SlotRow.end_time)),
        )
    )
    return (await session.exec(query.distinct().limit(most))).all()


async def lock_open(session: AsyncSession, patient: UUID) -> Sequence[WaitingRow]:
    """A patient's open entries; nobody else changes them until the transaction ends."""
    is_open = col(WaitingRow.state).in_((State.WAITING, State.OFFERED))
    query = select(WaitingRow).where(WaitingRow.patient_id == patient, is_open).order_by(col(WaitingRow.entry_id))
    return (await session.exec(query.with_for_update())).all()


async def lock_open_for_doctor(session: AsyncSession, doctor: UUID) -> Sequence[WaitingRow]:
    """The open entries for a doctor, of any patient_id; nobody else changes them until the transaction ends."""
    is_open = col(WaitingRow.state).in_((State.WAITING, State.OFFERED))
    query = select(WaitingRow).where(WaitingRow.doctor_id == doctor, is_open).order_by(col(WaitingRow.entry_id))
    return (await session.exec(query.with_for_update())).all()


async def lock_of_slots(session: AsyncSession, slots: Collection[UUID]) -> Sequence[WaitingRow]:
    """The open entries for these slots, or with a place of them on offer, whoever the patient_id; nobody else changes
    them until the transaction ends."""
    query = (
        select(WaitingRow)
        .where(
            or_(
                and_(col(WaitingRow.state) == State.WAITING, col(WaitingRow.slot_id).in_(slots)),
                and_(col(WaitingRow.state) == State.OFFERED, col(WaitingRow.offered_slot_id).in_(slots)),
            )
        )
        .order_by(col(WaitingRow.entry_id))
        .with_for_update()
    )
    return (await session.exec(query)).all()


async def claim_over(session: AsyncSession, now: datetime, most: int) -> Sequence[WaitingRow]:
    """Offers that were not accepted in time, and entries for what is over, whoever the patient_id; nobody else gets
    them until the transaction ends."""
    query = (
        select(WaitingRow)
        .where(
            or_(
                and_(col(WaitingRow.state) == State.OFFERED, col(WaitingRow.offer_expire_time) <= now),
                and_(col(WaitingRow.state) == State.WAITING, col(WaitingRow.end_time) <= now),
            )
        )
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(query)).all()


async def _first_in_line(session: AsyncSession, slot: SlotRow) -> WaitingRow | None:
    """Who waits longest for a place of this slot and could come; a patient_id with another appointment then cannot."""
    query = (
        select(WaitingRow)
        .where(
            _waits_for(slot.slot_id, slot.doctor_id, slot.start_time),
            ~_is_busy(slot.slot_id, slot.start_time, slot.end_time),
        )
        .order_by(col(WaitingRow.create_time), col(WaitingRow.entry_id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(query)).one_or_none()


def _waits_for(
    slot: UUID | Mapped[UUID], doctor: UUID | Mapped[UUID], start: datetime | Mapped[datetime]
) -> ColumnElement[bool]:
    in_range = and_(
        col(WaitingRow.slot_id).is_(None), col(WaitingRow.start_time) <= start, col(WaitingRow.end_time) > start
    )
    return and_(
        col(WaitingRow.state) == State.WAITING,
        col(WaitingRow.doctor_id) == doctor,
        or_(col(WaitingRow.slot_id) == slot, in_range),
    )


def _is_busy(
    slot: UUID | Mapped[UUID],
    start: datetime | Mapped[datetime],
    end: datetime | Mapped[datetime],
) -> ColumnElement[bool]:
    """Whether the entry's patient_id has a place of the slot, or another appointment at that time."""
    at_that_time = and_(
        col(AppointmentRow.state) <= AppointmentState.IN_PROGRESS,
        col(AppointmentRow.start_time) < end,
        col(AppointmentRow.end_time) > start,
    )
    has_it = and_(col(AppointmentRow.slot_id) == slot, col(AppointmentRow.state) <= AppointmentState.NO_SHOW)
    return exists().where(col(AppointmentRow.patient_id) == col(WaitingRow.patient_id), or_(at_that_time, has_it))
