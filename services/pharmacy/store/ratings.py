"""What buyers think of orders."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.pharmacy_tables import PharmacyRow
from services.pharmacy.store.rating_tables import OrderRatingRow


async def find(session: AsyncSession, patient_id: UUID, order_id: UUID) -> OrderRatingRow | None:
    """What the patient thinks of an order."""
    query = select(OrderRatingRow).where(OrderRatingRow.patient_id == patient_id, OrderRatingRow.order_id == order_id)
    return (await session.exec(query)).one_or_none()


async def add(session: AsyncSession, row: OrderRatingRow) -> None:
    """A rating, and what it makes of the pharmacy's."""
    session.add(row)
    counted = {
        "rating_sum": col(PharmacyRow.rating_sum) + row.pharmacy_stars,
        "rating_count": col(PharmacyRow.rating_count) + 1,
    }
    await session.exec(update(PharmacyRow).where(col(PharmacyRow.pharmacy_id) == row.pharmacy_id).values(counted))


async def forget_words(session: AsyncSession, patient_id: UUID) -> None:
    """The patient's words go; the stars stay."""
    await session.exec(update(OrderRatingRow).where(col(OrderRatingRow.patient_id) == patient_id).values(words=""))
