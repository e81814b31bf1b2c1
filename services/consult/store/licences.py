"""Doctors' names, titles and licences: a copy of what identity says, written by nobody else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from apricot.identity.v1.licence_pb2 import Professional
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_datetime
from services.consult.domain.practice import is_licensed_at, long_enough
from services.consult.store.documents import index
from services.consult.store.tables import DoctorRow, HospitalRow


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
    """Write what identity knows of each. Whose licence no longer shows enough years is taken off the list; a hospital
    that the licence does not have is taken off the doctor, who stays listed."""
    before = {row.doctor_id: (row.display_name, row.hospital_id) for row in doctors}
    hospitals = await _hospitals_of(session, doctors)
    for row in doctors:
        professional = known.get(row.doctor_id)
        write(row, professional)
        if row.hospital_id and professional and not has_hospital(professional, hospitals[row.hospital_id]):
            row.hospital_id = None
        row.listed = row.listed and (row.licence_end_time is None or long_enough(row.first_registration_date, now))
    await index(session, [row for row in doctors if (row.display_name, row.hospital_id) != before[row.doctor_id]])


async def _hospitals_of(session: AsyncSession, doctors: Sequence[DoctorRow]) -> dict[UUID, HospitalRow]:
    ids = {row.hospital_id for row in doctors if row.hospital_id}
    found = await session.exec(select(HospitalRow).where(col(HospitalRow.hospital_id).in_(ids)))
    return {hospital.hospital_id: hospital for hospital in found.all()}


def has_hospital(known: Professional | None, hospital: HospitalRow) -> bool:
    """Return whether the doctor's approved licence has this hospital, by its name in either language, and its grade."""
    if known is None:
        return False
    licence = known.licence.hospital, known.licence.hospital_grade
    names = hospital.name, hospital.name_en
    return any(is_licensed_at(name, hospital.grade, *licence) for name in names if name)


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
