"""What patients have of each medicine."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.order_tables import OrderRow


async def add(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The patient has so much more."""


async def remove(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The patient gave it back."""
