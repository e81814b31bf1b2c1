"""Where couriers are: one row for each order that is carried, gone when the delivery ends."""

from datetime import datetime
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database
from services.pharmacy.domain.geography import Position
from services.pharmacy.domain.jobs import State
from services.pharmacy.store.job_tables import PositionRow

_KEEP = f"""
with carried as (
  select order_id, patient_id from delivery_job where courier_id = $1 and state = {int(State.CARRIED)}
  order by order_id for share
), kept as (
  insert into courier_position (order_id, patient_id, latitude, longitude, time)
  select order_id, patient_id, $2, $3, $4 from carried
  on conflict (order_id) do update
  set latitude = excluded.latitude, longitude = excluded.longitude, time = excluded.time
  where excluded.time > courier_position.time
)
select order_id from carried
"""  # noqa: S608
"""Holds the jobs: what ends one waits, and then erases what was kept here."""


async def keep(database: Database, account_id: UUID, place: Position, time: datetime) -> list[UUID]:
    """A courier was there; gives the orders that he carries."""
    async with database.connection() as connection:
        rows = await connection.fetch(_KEEP, account_id, place.latitude, place.longitude, time)
    return [UUID(bytes=row["order_id"].bytes) for row in rows]


async def last_position(session: AsyncSession, patient_id: UUID, order_id: UUID) -> PositionRow | None:
    """Where the courier of a patient's order was last."""
    query = select(PositionRow).where(PositionRow.patient_id == patient_id, PositionRow.order_id == order_id)
    return (await session.exec(query)).one_or_none()
