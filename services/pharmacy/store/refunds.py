"""Money that goes back."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.order_tables import OrderRow


async def close_payment(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """Nobody shall pay the order any more."""


async def refund_all(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """All that was paid goes back."""


async def refund_goods(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """What was paid goes back, but for the delivery."""
