"""What the watches of orders ask for."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database
from services.pharmacy.store.order_tables import OrderStepRow

_VERSIONS = (
    "select o.order_id, o.last_sequence, o.courier_id, j.break_time is not null as broken "
    "from medicine_order o left join delivery_job j using (order_id, patient_id) "
    "where o.order_id = any($1) and o.patient_id = any($2)"
)


class Version(NamedTuple):
    """Another one, and there is something to show."""

    last_sequence: int
    courier_id: UUID | None
    broken: bool


async def versions(database: Database, wanted: Collection[tuple[UUID, UUID]]) -> dict[UUID, Version]:
    """Of these orders, each named by its patient_id and its own id."""
    async with database.connection() as connection:
        rows = await connection.fetch(_VERSIONS, [order for _, order in wanted], [patient for patient, _ in wanted])
    return {row["order_id"]: Version(row["last_sequence"], row["courier_id"], row["broken"]) for row in rows}


async def steps_behind(
    session: AsyncSession, patient_id: UUID, order_id: UUID, sequence: int
) -> Sequence[OrderStepRow]:
    """The steps of a patient's order behind one, in order."""
    query = (
        select(OrderStepRow)
        .where(
            OrderStepRow.patient_id == patient_id,
            OrderStepRow.order_id == order_id,
            col(OrderStepRow.sequence) > sequence,
        )
        .order_by(col(OrderStepRow.sequence))
    )
    return (await session.exec(query)).all()
