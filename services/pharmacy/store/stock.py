"""Stock: held for an order, given back, taken."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.order_tables import OrderRow


async def release(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """What is held for the order is for others again."""


async def take(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """What is held for the order has left the shelf."""
