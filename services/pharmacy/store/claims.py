"""Which order uses a prescription."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.order_tables import OrderRow


async def release(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """Another order may use the order's prescription."""


async def use(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The order's prescription was dispensed."""
