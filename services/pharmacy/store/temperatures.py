"""How cold orders were kept on their way."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.job_tables import TemperatureRow


async def add(session: AsyncSession, row: TemperatureRow) -> None:
    """One more; another of the same instant stays as it was."""
    if await session.get(TemperatureRow, (row.order_id, row.time)) is None:
        session.add(row)


async def times_of(session: AsyncSession, patient_id: UUID, order_id: UUID) -> Sequence[datetime]:
    """When it was measured for a patient's order."""
    query = select(TemperatureRow.time).where(
        TemperatureRow.patient_id == patient_id, TemperatureRow.order_id == order_id
    )
    return (await session.exec(query)).all()
