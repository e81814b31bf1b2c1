"""What the parts of `apricot.consult.v1.BookingService` share."""

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, invalid_field, not_allowed, not_found
from kit.outbox import Relay
from kit.profiles import OwnProfile
from services.consult import events
from services.consult.domain.appointments import WrongStateError
from services.consult.domain.fee_bounds import DEFAULT_FEE_BOUNDS, BoundsByTitle
from services.consult.store import appointments, slots
from services.consult.store.booking_tables import AppointmentRow, SlotRow
from services.consult.store.directory_tables import DoctorRow

_BOOKING_AT_ONCE = 8
"""Of one process. A crowd before one slot waits here, where it costs other calls nothing: not for connections, nor for
identity's answers."""


class Desk:
    """The parts that every method of the service needs."""

    def __init__(
        self,
        database: Database,
        relay: Relay,
        own_profile: OwnProfile,
        clock: Clock,
        fee_bounds: BoundsByTitle = DEFAULT_FEE_BOUNDS,
    ) -> None:
        self._database = database
        self._relay = relay
        self._own_profile = own_profile
        self._clock = clock
        self._fee_bounds = fee_bounds
        self._crowd = asyncio.Semaphore(_BOOKING_AT_ONCE)


async def patients_own(session: AsyncSession, call: Call, appointment_id: str) -> AppointmentRow:
    """The caller's own appointment, locked. Errors: NOT_FOUND, NOT_ALLOWED (the caller is its doctor)."""
    row = await appointments.find(session, call.caller.account_id, UUID(appointment_id), lock=True)
    if row is None:
        raise not_found("appointment")
    if row.patient_id != call.caller.account_id:
        raise not_allowed("the patient alone may do this")
    return row


async def doctors_own(session: AsyncSession, call: Call, appointment_id: str, now: datetime) -> AppointmentRow:
    """An appointment with the caller as its doctor, locked; told to the audit. Errors: NOT_FOUND, NOT_ALLOWED (the
    caller is its patient)."""
    row = await appointments.find(session, call.caller.account_id, UUID(appointment_id), lock=True)
    if row is None:
        raise not_found("appointment")
    if row.doctor_id != call.caller.account_id:
        raise not_allowed("the doctor alone may do this")
    events.access_used(session, call, row.patient_id, now)
    return row


async def keep_slot(session: AsyncSession, slot_id: str | UUID) -> tuple[SlotRow, DoctorRow]:
    """A slot that stands, and stays so until the transaction ends. Errors: NOT_FOUND."""
    slot = slot_id if isinstance(slot_id, UUID) else UUID(slot_id)
    found = await slots.keep_slots(session, [slot])
    if slot not in found:
        raise not_found("slot")
    return found[slot]


def require_bookable(slot: SlotRow, doctor: DoctorRow, call: Call, now: datetime) -> None:
    """Errors: NOT_ALLOWED, WRONG_STATE, DOCTOR_NOT_AVAILABLE, LICENCE_EXPIRED."""
    if slot.doctor_id == call.caller.account_id:
        raise not_allowed("a doctor does not book the own slots")
    if slot.start_time <= now:
        raise WrongStateError("the slot has begun")
    if not doctor.listed:
        raise ApricotError(Reason.REASON_DOCTOR_NOT_AVAILABLE, "the doctor takes no patients at present")
    require_licence(doctor, now, slot.start_time)


def require_licence(doctor: DoctorRow, *instants: datetime) -> None:
    """The doctor's licence lives at each of these. Errors: LICENCE_EXPIRED."""
    if doctor.licence_end_time is None or any(doctor.licence_end_time <= instant for instant in instants):
        raise ApricotError(Reason.REASON_LICENCE_EXPIRED, "the doctor's licence has ended, or ends before")


def require_before(now: datetime, until: datetime) -> None:
    """Errors: OUTSIDE_POLICY."""
    if now >= until:
        bound = until.astimezone(UTC).isoformat()
        raise ApricotError(Reason.REASON_OUTSIDE_POLICY, "it is too late for this", metadata={"until": bound})


def require_from(now: datetime, start: datetime) -> None:
    """Errors: OUTSIDE_POLICY."""
    if now < start:
        bound = start.astimezone(UTC).isoformat()
        raise ApricotError(Reason.REASON_OUTSIDE_POLICY, "it is too early for this", metadata={"from": bound})


def day_of(field: str, text: str) -> date:
    """A day. Errors: INVALID_FIELD."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid_field(field, "there is no such day") from error


def key_of(instant: datetime, row_id: UUID) -> paging.Key:
    """Where a list that goes by instants ended."""
    return instant.isoformat(), str(row_id)


def behind(key: list[str] | None) -> tuple[datetime, UUID] | None:
    """The same, from a page token. Errors: INVALID_PAGE_TOKEN."""
    if key is None:
        return None
    try:
        return datetime.fromisoformat(key[0]).astimezone(UTC), UUID(key[1])
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error


KEY = (str, str)
"""The kinds of such a key's parts."""
