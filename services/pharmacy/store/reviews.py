"""Reviews of prescriptions by pharmacists."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.order_tables import OrderRow


async def open_review(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The order stands in the pharmacists' queue."""


async def end_review(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """Nobody has to review it any more."""
