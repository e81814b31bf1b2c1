"""Hospitals."""

from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.store.documents import index
from services.consult.store.tables import DoctorRow, HospitalRow


async def put(session: AsyncSession, hospital: HospitalRow) -> None:
    """Add it, or replace the one of that id; its doctors are then found by its new names."""
    statement = insert(HospitalRow).values(**hospital.model_dump())
    changed = {name: statement.excluded[name] for name in ("name", "name_en", "grade", "city")}
    await session.exec(statement.on_conflict_do_update(index_elements=["hospital_id"], set_=changed))
    await index(
        session, (await session.exec(select(DoctorRow).where(DoctorRow.hospital_id == hospital.hospital_id))).all()
    )


async def add_missing(session: AsyncSession, hospital: HospitalRow) -> None:
    """Add it where there is none of that id."""
    await session.exec(insert(HospitalRow).values(**hospital.model_dump()).on_conflict_do_nothing())


async def page(session: AsyncSession, city: str, behind: UUID | None, limit: int) -> list[HospitalRow]:
    """Hospitals of a city, or of all, by city and name; those behind the one already listed."""
    columns = col(HospitalRow.city), col(HospitalRow.name), col(HospitalRow.hospital_id)
    statement = select(HospitalRow).order_by(*columns).limit(limit)
    if city:
        statement = statement.where(HospitalRow.city == city)
    if behind is not None:
        listed = select(*columns).where(HospitalRow.hospital_id == behind).scalar_subquery()
        statement = statement.where(tuple_(*columns) > listed)
    return list((await session.exec(statement)).all())
