"""Consultations as the contract has them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope
from apricot.consult.v1.consultation_pb2 import (
    Consultation,
    ConsultationMode,
    ConsultationState,
    Eligibility,
    FeeState,
    Guardian,
    Member,
    MemberRole,
    Outcome,
)
from apricot.money.v1.money_pb2 import Money
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_timestamp
from services.consult.domain.consultations import State, active_until
from services.consult.store.consultation_tables import ConsultationRow, MemberRow


async def bodies_of(session: AsyncSession, rows: Sequence[ConsultationRow]) -> list[Consultation]:
    """Consultations with their members, in the same order."""
    members: dict[UUID, list[MemberRow]] = {row.consultation_id: [] for row in rows}
    statement = (
        select(MemberRow)
        .where(
            col(MemberRow.consultation_id).in_(members), col(MemberRow.patient_id).in_({row.patient_id for row in rows})
        )
        .order_by(col(MemberRow.join_time), col(MemberRow.role))
    )
    for member in (await session.exec(statement)).all():
        members[member.consultation_id].append(member)
    return [consultation_message(row, members[row.consultation_id]) for row in rows]


def consultation_message(
    row: ConsultationRow,
    members: Iterable[MemberRow],
    *,
    present: Collection[UUID] = (),
    live_call_id: UUID | None = None,
) -> Consultation:
    """A consultation with its members, those of whom a device is in the conversation, and the call that goes on."""
    message = Consultation(
        consultation_id=str(row.consultation_id),
        patient_id=str(row.patient_id),
        patient_name=row.patient_name,
        patient_age_years=row.patient_age_years,
        doctor_id=str(row.doctor_id or ""),
        department_code=row.department_code,
        mode=ConsultationMode.ValueType(row.mode),
        state=ConsultationState.ValueType(row.state),
        complaint=row.complaint,
        fee_state=FeeState.ValueType(row.fee_state),
        pool=row.pool,
        escalation_level=row.escalation_level,
        shared_scopes=[Scope.ValueType(scope) for scope in row.shared_scopes],
        members=[_member(member, member.account_id in present) for member in members],
        last_sequence=row.last_sequence,
        appointment_id=str(row.appointment_id or ""),
        live_call_id=str(live_call_id or ""),
        create_time=to_timestamp(row.create_time),
        update_time=to_timestamp(row.update_time),
        claim_time=to_timestamp(row.claim_time) if row.claim_time else None,
        end_time=to_timestamp(row.end_time) if row.end_time else None,
        expire_time=to_timestamp(expire_time) if (expire_time := _expire_time(row)) else None,
    )
    if row.fee_minor:
        message.fee.CopyFrom(Money(currency_code=row.currency, minor_units=row.fee_minor))
    if row.guardian is not None:
        message.guardian.CopyFrom(Guardian.FromString(row.guardian))
    if row.eligibility is not None:
        message.eligibility.CopyFrom(Eligibility.FromString(row.eligibility))
    if row.outcome is not None:
        message.outcome.CopyFrom(Outcome.FromString(row.outcome))
    return message


def _expire_time(row: ConsultationRow) -> datetime | None:
    """An active one's row holds an instant before which there is no need to look: each message puts it off."""
    return active_until(row.update_time) if row.state == State.ACTIVE else row.expire_time


def _member(row: MemberRow, present: bool) -> Member:
    return Member(
        account_id=str(row.account_id),
        role=MemberRole.ValueType(row.role),
        display_name=row.display_name,
        join_time=to_timestamp(row.join_time),
        delivered_sequence=row.delivered_sequence,
        read_sequence=row.read_sequence,
        present=present,
    )
