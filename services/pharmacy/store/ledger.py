"""The double-entry ledger."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.order_tables import OrderRow


async def settle(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """What was paid is the pharmacy's, the courier's and the platform's."""
