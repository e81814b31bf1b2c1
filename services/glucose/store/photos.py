"""Queries on photos. Each on patients' data carries the patient."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database
from services.glucose.store.entries import find_all
from services.glucose.store.tables import EntryRow, PhotoRow

_MEAL = 12
_MOST_MEALS = 1000

_TAKE_UNNAMED = text("""
    delete from photo
    where meal_ids = '{}' and touch_time < :before and (patient_id, photo_id) in (
        select patient_id, photo_id from photo where meal_ids = '{}' and touch_time < :before
        limit 100 for update skip locked
    )
    returning patient_id, photo_id
""").bindparams(bindparam("before", type_=DateTime(timezone=True)))
_LET_UNNAMED_GO = text(
    "update photo set touch_time = to_timestamp(0) where patient_id = :patient and meal_ids = '{}'"
).bindparams(bindparam("patient", type_=Uuid()))


def object_key(patient: UUID, photo: UUID) -> str:
    """Where a photo's bytes lie in the object store."""
    return f"photos/{patient}/{photo}"


async def touch(database: Database, patient: UUID, sha256: bytes, now: datetime) -> PhotoRow | None:
    """The photo of these bytes, if there is one; it counts as uploaded now."""
    statement = (
        update(PhotoRow)
        .where(col(PhotoRow.patient_id) == patient, col(PhotoRow.sha256) == sha256)
        .values(touch_time=now)
        .returning(PhotoRow)
    )
    async with database.transaction() as session:
        found: PhotoRow | None = (await session.exec(statement)).scalar_one_or_none()
    return found


async def add(database: Database, photo: PhotoRow) -> PhotoRow:
    """The new photo, or that of the same bytes which somebody added meanwhile."""
    statement = insert(PhotoRow).values(**photo.model_dump())
    statement = statement.on_conflict_do_update(
        index_elements=["patient_id", "sha256"], set_={"touch_time": statement.excluded.touch_time}
    )
    async with database.transaction() as session:
        added: PhotoRow = (await session.exec(statement.returning(PhotoRow))).scalar_one()
    return added


async def find(database: Database, patient: UUID, photo: UUID) -> PhotoRow | None:
    """A photo of the patient's."""
    query = select(PhotoRow).where(col(PhotoRow.patient_id) == patient, col(PhotoRow.photo_id) == photo)
    async with database.transaction() as session:
        return (await session.exec(query)).one_or_none()


async def name(database: Database, patient: UUID, naming: Sequence[tuple[UUID, UUID]]) -> set[UUID]:
    """Say which photos of the patient's which meals name; those photos among them that there are. It comes before the
    meals are stored: a photo that is named is removed no more."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            "update photo set meal_ids = array(select distinct unnest(photo.meal_ids || naming.meal_ids)) "
            "from (select photo_id, array_agg(meal_id) as meal_ids from unnest($2::uuid[], $3::uuid[]) "
            "as pair (photo_id, meal_id) group by photo_id) as naming "
            "where photo.patient_id = $1 and photo.photo_id = naming.photo_id and cardinality(photo.meal_ids) < $4 "
            "returning photo.photo_id",
            patient,
            [photo for photo, _ in naming],
            [meal for _, meal in naming],
            _MOST_MEALS,
        )
    return {row["photo_id"] for row in rows}


async def meals_of(database: Database, photo: PhotoRow) -> Sequence[EntryRow]:
    """The meals as they stand that named the photo at some time."""
    async with database.transaction() as session:
        named = await find_all(session, photo.patient_id, photo.meal_ids)
    return [entry for entry in named if entry.kind == _MEAL and not entry.deleted]


async def take_unnamed(session: AsyncSession, before: datetime) -> list[str]:
    """Remove photos that no meal ever named and that were uploaded before an instant, of all patients, at most 100; the
    keys of their objects, to be deleted before the commit: then none is left that nobody knows of."""
    rows = await (await session.connection()).execute(_TAKE_UNNAMED, {"before": before})
    return [object_key(row.patient_id, row.photo_id) for row in rows]


async def let_unnamed_go(session: AsyncSession, patient: UUID) -> None:
    """Have a patient's photos that no meal ever named removed next."""
    await (await session.connection()).execute(_LET_UNNAMED_GO, {"patient": patient})
