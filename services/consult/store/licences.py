"""Doctors' names, titles and licences: a copy of what identity says, written by nobody else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from apricot.identity.v1.licence_pb2 import Professional
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_datetime
from services.consult.domain.practice import long_enough
from services.consult.store.documents import index
from services.consult.store.tables import DoctorRow


async def doctors_among(session: AsyncSession, accounts: Collection[UUID]) -> list[DoctorRow]:
    """The doctors among these accounts."""
    statement = select(DoctorRow).where(col(DoctorRow.doctor_id).in_(accounts)).order_by(col(DoctorRow.doctor_id))
    return list((await session.exec(statement)).all())


async def doctors_behind(session: AsyncSession, behind: UUID, limit: int) -> list[UUID]:
    """All doctors by id, a page at a time."""
    statement = select(col(DoctorRow.doctor_id)).where(DoctorRow.doctor_id > behind).order_by(col(DoctorRow.doctor_id))
    return list((await session.exec(statement.limit(limit))).all())


async def mirror(
    session: AsyncSession, doctors: Sequence[DoctorRow], known: Mapping[UUID, Professional], now: datetime
) -> None:
    """Write what identity knows of each. Whose licence no longer shows enough years is taken off the list."""
    names = {row.doctor_id: row.display_name for row in doctors}
    for row in doctors:
        write(row, known.get(row.doctor_id))
        row.listed = row.listed and (row.licence_end_time is None or long_enough(row.first_registration_date, now))
    await index(session, [row for row in doctors if row.display_name != names[row.doctor_id]])


def write(row: DoctorRow, known: Professional | None) -> None:
    """What identity says of one doctor; without an approved licence, that there is none."""
    if known is None:
        row.licence_end_time = None
        return
    row.display_name, row.title = known.display_name, known.licence.title
    row.licence_end_time = to_datetime(known.end_time)
    first = known.licence.first_registration_date
    row.first_registration_date = date.fromisoformat(first) if first else None


async def clear(session: AsyncSession, doctors: Sequence[DoctorRow]) -> None:
    """Take back what doctors wrote of themselves; who treated somebody stays known."""
    for row in doctors:
        row.listed, row.biography = False, ""
        row.specialties, row.languages, row.language_ranges = [], [], []
    await index(session, doctors)
