"""Couriers' jobs."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.order_tables import OrderRow


async def open_job(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The order is offered to couriers."""


async def end_job(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """No courier has anything to do with the order any more."""
