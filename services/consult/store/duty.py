"""Doctors as consultations need them: who may take what, and who is told of what waits."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.domain.entitlement import practising_since
from services.consult.store.directory_tables import DoctorModeRow, DoctorRow


async def find_doctor(session: AsyncSession, doctor_id: UUID) -> DoctorRow | None:
    """A doctor of the directory, listed or not."""
    return await session.get(DoctorRow, doctor_id)


async def find_offer(session: AsyncSession, doctor_id: UUID, mode: int) -> DoctorModeRow | None:
    """What a doctor asks for consultations in this mode; None: there are none."""
    return await session.get(DoctorModeRow, (doctor_id, mode))


async def find_on_duty(session: AsyncSession, doctor_id: UUID, now: datetime) -> DoctorRow | None:
    """The doctor, while one of those who take what waits in a pool."""
    return (
        await session.exec(select(DoctorRow).where(DoctorRow.doctor_id == doctor_id, *_is_on_duty(now)))
    ).one_or_none()


async def on_duty(
    session: AsyncSession, department_code: str, now: datetime, most: int, *, every_department: bool = False
) -> Sequence[UUID]:
    """Doctors of a department, or of every one, its own first; not always the same where there are more than these."""
    own_first = (col(DoctorRow.department_code) == department_code).desc()
    statement = select(DoctorRow.doctor_id).where(*_is_on_duty(now)).order_by(own_first, func.random()).limit(most)
    if not every_department:
        statement = statement.where(DoctorRow.department_code == department_code)
    return (await session.exec(statement)).all()


def _is_on_duty(now: datetime) -> Sequence[ColumnElement[bool]]:
    """Listed and entitled, as `domain.entitlement` says it."""
    return (
        col(DoctorRow.listed).is_(True),
        col(DoctorRow.licence_end_time) > now,
        col(DoctorRow.first_registration_date) <= practising_since(now),
    )
