"""Lists of consultations: somebody's own, a doctor's pool, and what is open in an inbox."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, tuple_, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.domain.consultations import State
from services.consult.store.consultation_tables import ConsultationRow, MemberRow
from services.consult.store.consultations import in_pool_of
from services.consult.store.directory_tables import DoctorRow

_COLLEAGUE = 3
_OPEN = (State.WAITING, State.ACTIVE)

type OwnPlace = tuple[datetime, UUID]
"""Last change and id."""
type PoolPlace = tuple[int, datetime, UUID]
"""Escalation level, opening and id."""


@dataclass(frozen=True)
class OwnList:
    """What to list of somebody's own."""

    account_id: UUID
    state: int
    """0: any."""
    limit: int
    behind: OwnPlace | None = None


class Version(NamedTuple):
    """Tells whether a consultation has changed."""

    update_time: datetime
    last_sequence: int


async def list_own(session: AsyncSession, wanted: OwnList) -> Sequence[ConsultationRow]:
    """Those that the account takes part in, the last changed first."""
    place = tuple_(col(ConsultationRow.update_time), col(ConsultationRow.consultation_id))
    statement = (
        select(ConsultationRow)
        .join(MemberRow, col(MemberRow.consultation_id) == col(ConsultationRow.consultation_id))
        .where(MemberRow.account_id == wanted.account_id)
    )
    if wanted.state:
        statement = statement.where(ConsultationRow.state == wanted.state)
    if wanted.behind is not None:
        statement = statement.where(place < tuple_(*wanted.behind))
    return (await session.exec(statement.order_by(*(part.desc() for part in place.clauses)).limit(wanted.limit))).all()


async def list_pool(
    session: AsyncSession, doctor: DoctorRow, limit: int, behind: PoolPlace | None = None
) -> Sequence[ConsultationRow]:
    """What waits in the doctor's pool, the most urgent first; never one whose patient_id is the doctor's own."""
    place = (
        -col(ConsultationRow.escalation_level),
        col(ConsultationRow.create_time),
        col(ConsultationRow.consultation_id),
    )
    statement = select(ConsultationRow).where(ConsultationRow.state == State.WAITING, in_pool_of(doctor))
    if behind is not None:
        level, create_time, consultation_id = behind
        statement = statement.where(tuple_(*place) > tuple_(-level, create_time, consultation_id))
    return (await session.exec(statement.order_by(*place).limit(limit))).all()


async def open_versions(
    session: AsyncSession, account_id: UUID, on_duty: DoctorRow | None, most: int
) -> dict[UUID, Version]:
    """What is open in the account's inbox: as the patient, the doctor or a colleague, and the pool of a doctor on duty;
    of each kind at most so many, the pool's most urgent ones first."""
    shape = select(ConsultationRow.consultation_id, ConsultationRow.update_time, ConsultationRow.last_sequence)
    is_open = col(ConsultationRow.state).in_(_OPEN)
    invited = select(MemberRow.consultation_id).where(MemberRow.account_id == account_id, MemberRow.role == _COLLEAGUE)
    kinds = [
        shape.where(is_open, ConsultationRow.patient_id == account_id),
        shape.where(is_open, ConsultationRow.doctor_id == account_id),
        shape.where(is_open, col(ConsultationRow.consultation_id).in_(invited)),
    ]
    if on_duty is not None:
        waiting = shape.where(ConsultationRow.state == State.WAITING, in_pool_of(on_duty))
        kinds.append(waiting.order_by(col(ConsultationRow.escalation_level).desc(), col(ConsultationRow.create_time)))
    together = union_all(*(kind.limit(most).subquery().select() for kind in kinds))
    rows = await (await session.connection()).execute(together)
    return {id_: Version(update_time, last_sequence) for id_, update_time, last_sequence in rows}


async def visible(
    session: AsyncSession, account_id: UUID, on_duty: DoctorRow | None, consultation_ids: Collection[UUID]
) -> Sequence[ConsultationRow]:
    """Those of these that the account takes part in, or that wait in the pool of a doctor on duty; the last changed
    first."""
    takes_part = col(ConsultationRow.consultation_id).in_(
        select(MemberRow.consultation_id).where(
            MemberRow.account_id == account_id, col(MemberRow.consultation_id).in_(consultation_ids)
        )
    )
    waits: ColumnElement[bool] = false()
    if on_duty is not None:
        waits = and_(col(ConsultationRow.state) == State.WAITING, in_pool_of(on_duty))
    statement = select(ConsultationRow).where(
        col(ConsultationRow.consultation_id).in_(consultation_ids), or_(takes_part, waits)
    )
    return (await session.exec(statement.order_by(col(ConsultationRow.update_time).desc()))).all()
