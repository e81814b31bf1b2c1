"""Queries on slots."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, text, tuple_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.store.booking_tables import SeatRow, SlotRow
from services.consult.store.directory_tables import DoctorRow

_PUBLISH = text(
    "insert into slot (slot_id, doctor_id, start_time, end_time, time_zone, day, capacity, mode, room, fee_minor,"
    " currency, create_time) "
    "select slot_id, :doctor_id, start_time, end_time, :time_zone, day, :capacity, :mode, :room, :fee_minor,"
    " :currency, :now "
    "from unnest(cast(:slot_ids as uuid[]), cast(:starts as timestamptz[]), cast(:ends as timestamptz[]),"
    " cast(:days as date[])) as made (slot_id, start_time, end_time, day) "
    "on conflict do nothing returning slot_id"
)
"""Leaves out what overlaps with another slot of the doctor's."""
_SEATS = text(
    "insert into seat (slot_id, number) "
    "select slot_id, number from unnest(cast(:slot_ids as uuid[])) as slot_id, generate_series(1, :capacity) as number"
)


@dataclass(frozen=True)
class SlotList:
    """What to list."""

    start: datetime
    end: datetime
    """Excluded."""
    now: datetime
    limit: int
    doctor_id: UUID | None = None
    department_code: str = ""
    free_only: bool = False
    behind: tuple[datetime, UUID] | None = None
    """Start and slot of the last one already shown."""


async def publish(session: AsyncSession, slots: Sequence[SlotRow]) -> set[UUID]:
    """Add a doctor's slots, which are alike but for their times, with their places; those that overlap with another of
    the doctor's are left out. Which were added."""
    if not slots:
        return set()
    like = slots[0]
    parameters = {name: getattr(like, name) for name in ("doctor_id", "time_zone", "capacity", "mode", "room")}
    parameters |= {"fee_minor": like.fee_minor, "currency": like.currency, "now": like.create_time}
    parameters |= {"slot_ids": [slot.slot_id for slot in slots], "days": [slot.day for slot in slots]}
    parameters |= {"starts": [slot.start_time for slot in slots], "ends": [slot.end_time for slot in slots]}
    connection = await session.connection()
    made = {UUID(bytes=found.bytes) for found in (await connection.execute(_PUBLISH, parameters)).scalars()}
    if made:
        await connection.execute(_SEATS, {"slot_ids": list(made), "capacity": like.capacity})
    return made


async def find_doctor(session: AsyncSession, doctor: UUID) -> DoctorRow | None:
    """A doctor of the directory."""
    return await session.get(DoctorRow, doctor)


async def keep_slots(
    session: AsyncSession, slots: Collection[UUID], *, skip_locked: bool = False
) -> dict[UUID, tuple[SlotRow, DoctorRow]]:
    """Those of these slots that stand, with their doctors; none is withdrawn until the transaction ends. Whoever books
    takes this lock first, then the patient's, then appointments and entries, then places."""
    query = (
        select(SlotRow, DoctorRow)
        .join(DoctorRow, col(DoctorRow.doctor_id) == col(SlotRow.doctor_id))
        .where(col(SlotRow.slot_id).in_(slots), col(SlotRow.withdraw_time).is_(None))
        .order_by(col(SlotRow.slot_id))
        .with_for_update(read=True, key_share=True, of=SlotRow, skip_locked=skip_locked)
    )
    return {slot.slot_id: (slot, doctor) for slot, doctor in (await session.exec(query)).all()}


async def withdraw(
    session: AsyncSession, doctor: UUID, start: datetime, end: datetime | None, now: datetime
) -> Sequence[SlotRow]:
    """Withdraw the doctor's slots that begin within the range (None: ever after) and have not begun; who is booking one
    waits here."""
    query = select(SlotRow).where(
        SlotRow.doctor_id == doctor,
        col(SlotRow.start_time) >= start,
        col(SlotRow.start_time) > now,
        col(SlotRow.withdraw_time).is_(None),
    )
    if end is not None:
        query = query.where(col(SlotRow.start_time) < end)
    query = query.order_by(col(SlotRow.slot_id)).with_for_update()
    slots = (await session.exec(query)).all()
    gone = update(SlotRow).where(col(SlotRow.slot_id).in_([slot.slot_id for slot in slots])).values(withdraw_time=now)
    await (await session.connection()).execute(gone)
    return slots


async def list_slots(session: AsyncSession, wanted: SlotList) -> Sequence[SlotRow]:
    """The slots to come of doctors who may be booked, by start."""
    place = tuple_(col(SlotRow.start_time), col(SlotRow.slot_id))
    query = (
        select(SlotRow)
        .join(DoctorRow, col(DoctorRow.doctor_id) == col(SlotRow.doctor_id))
        .where(
            col(SlotRow.start_time) >= wanted.start,
            col(SlotRow.start_time) < wanted.end,
            col(SlotRow.start_time) > wanted.now,
            col(SlotRow.withdraw_time).is_(None),
            col(DoctorRow.listed),
            col(DoctorRow.licence_end_time) > wanted.now,
            col(DoctorRow.licence_end_time) > col(SlotRow.start_time),
        )
    )
    if wanted.doctor_id is not None:
        query = query.where(SlotRow.doctor_id == wanted.doctor_id)
    else:
        query = query.where(DoctorRow.department_code == wanted.department_code)
    if wanted.free_only:
        query = query.where(has_a_free_place())
    if wanted.behind is not None:
        query = query.where(place > tuple_(*wanted.behind))
    return (await session.exec(query.order_by(*place.clauses).limit(wanted.limit))).all()


async def free_counts(session: AsyncSession, slots: Collection[UUID]) -> dict[UUID, int]:
    """How many places of each are free; those without one are left out."""
    query = (
        select(SeatRow.slot_id, func.count())
        .where(col(SeatRow.slot_id).in_(slots), col(SeatRow.holder_id).is_(None))
        .group_by(col(SeatRow.slot_id))
    )
    return dict((await session.exec(query)).all())


def has_a_free_place() -> ColumnElement[bool]:
    """Of a query on slots: a place of it is free."""
    return exists().where(col(SeatRow.slot_id) == col(SlotRow.slot_id), col(SeatRow.holder_id).is_(None))
