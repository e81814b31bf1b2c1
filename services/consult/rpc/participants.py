"""Who may act in a consultation: those who take part in it. To everybody else it does not exist."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apricot.consult.v1.consultation_pb2 import MEMBER_ROLE_DOCTOR, MEMBER_ROLE_PATIENT
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.errors import not_allowed, not_found
from services.consult import events
from services.consult.store.members import find_seat
from services.consult.store.tables import ConsultationRow, MemberRow


@dataclass(frozen=True, slots=True)
class Seat:
    """The caller's part in a consultation."""

    consultation: ConsultationRow
    member: MemberRow

    @property
    def is_patient(self) -> bool:
        return self.member.role == MEMBER_ROLE_PATIENT

    @property
    def is_doctor(self) -> bool:
        """The treating doctor, not an invited colleague."""
        return self.member.role == MEMBER_ROLE_DOCTOR


async def require_seat(
    session: AsyncSession, call: Call, consultation_id: str, now: datetime, *, lock: bool = False
) -> Seat:
    """The caller's part; somebody else's than the patient's is told to the audit. With `lock`, nobody else changes the
    consultation until the transaction ends. Errors: NOT_FOUND."""
    found = await find_seat(session, UUID(consultation_id), call.caller.account_id, lock=lock)
    if found is None:
        raise not_found("consultation")
    seat = Seat(*found)
    events.access_used(session, call, seat.consultation.patient_id, now)
    return seat


async def require_doctor(
    session: AsyncSession, call: Call, consultation_id: str, now: datetime, *, lock: bool = True
) -> Seat:
    """The caller's part as the treating doctor. Errors: NOT_FOUND, NOT_ALLOWED."""
    seat = await require_seat(session, call, consultation_id, now, lock=lock)
    if not seat.is_doctor:
        raise not_allowed("the treating doctor alone may do this")
    return seat
