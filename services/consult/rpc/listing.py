"""Consultations read: one, one's own, and a doctor's pool."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from apricot.consult.v1.consultation_pb2 import (
    Consultation,
    ListConsultationsRequest,
    ListConsultationsResponse,
)
from apricot.errors.v1.reason_pb2 import Reason
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import paging
from kit.call import Call
from kit.errors import ApricotError, not_found
from services.consult import events
from services.consult.store import consultation_lists as lists
from services.consult.store import consultations as store
from services.consult.store import duty
from services.consult.store.consultation_bodies import bodies_of
from services.consult.store.directory_tables import DoctorRow
from services.consult.store.members import find_seat
from services.consult.store.tables import ConsultationRow

CLINICIAN = "clinician"
PAGE_BYTES = 3 << 20
"""A page ends here, however many were asked for: one may hold 40 kB of words."""


async def get(session: AsyncSession, consultation_id: UUID, call: Call, now: datetime) -> Consultation:
    """One that the caller takes part in, or that waits in the caller's pool. Errors: NOT_FOUND."""
    seat = await find_seat(session, consultation_id, call.caller.account_id)
    row = seat[0] if seat is not None else None
    if row is None and (doctor := await pool_doctor(session, call, now)) is not None:
        row = await store.find_waiting(session, doctor, consultation_id)
    if row is None:
        raise not_found("consultation")
    events.access_used(session, call, row.patient_id, now)
    (consultation,) = await bodies_of(session, [row])
    return consultation


async def list_consultations(
    session: AsyncSession, request: ListConsultationsRequest, call: Call, now: datetime
) -> ListConsultationsResponse:
    """Errors: INVALID_PAGE_TOKEN, ROLE_REQUIRED."""
    size = paging.page_size(request.page_size)
    rows = await (_pool if request.pool else _own)(session, request, call, now, size + 1)
    response = ListConsultationsResponse()
    bytes_left = PAGE_BYTES
    for consultation in await bodies_of(session, rows[:size]):
        if response.consultations and bytes_left < consultation.ByteSize():
            break
        response.consultations.append(consultation)
        bytes_left -= consultation.ByteSize()
    shown = rows[: len(response.consultations)]
    used(session, call, shown, now)
    if len(rows) > len(shown):
        last = shown[-1]
        key: paging.Key = (
            [last.escalation_level, last.create_time.isoformat(), str(last.consultation_id)]
            if request.pool
            else [last.update_time.isoformat(), str(last.consultation_id)]
        )
        response.next_page_token = paging.encode(key, request)
    return response


async def pool_doctor(session: AsyncSession, call: Call, now: datetime) -> DoctorRow | None:
    """The caller as one of the doctors who take what waits in a pool; None: is none."""
    if not call.caller.has(CLINICIAN):
        return None
    return await duty.find_on_duty(session, call.caller.account_id, now)


def used(session: AsyncSession, call: Call, rows: Iterable[ConsultationRow], now: datetime) -> None:
    """The caller has read these: each patient's audit is told once."""
    for patient in {row.patient_id for row in rows}:
        events.access_used(session, call, patient, now)


async def _own(
    session: AsyncSession, request: ListConsultationsRequest, call: Call, now: datetime, limit: int
) -> Sequence[ConsultationRow]:
    key = paging.decode(request.page_token, request, (str, str))
    behind = (_instant(key[0]), _uuid(key[1])) if key else None
    return await lists.list_own(session, lists.OwnList(call.caller.account_id, request.state, limit, behind))


async def _pool(
    session: AsyncSession, request: ListConsultationsRequest, call: Call, now: datetime, limit: int
) -> Sequence[ConsultationRow]:
    if not call.caller.has(CLINICIAN):
        raise ApricotError(Reason.REASON_ROLE_REQUIRED, "the pool is for doctors")
    key = paging.decode(request.page_token, request, (int, str, str))
    behind = (_level(key[0]), _instant(key[1]), _uuid(key[2])) if key else None
    doctor = await pool_doctor(session, call, now)
    return await lists.list_pool(session, doctor, limit, behind) if doctor is not None else []


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise paging.invalid() from error


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise paging.invalid() from error


def _level(number: int) -> int:
    if not 0 <= number < 100:
        raise paging.invalid()
    return number
