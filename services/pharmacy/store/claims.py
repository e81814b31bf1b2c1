"""Which order uses a prescription."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.store.order_tables import OrderRow


async def claim(
    session: AsyncSession,
    patient_id: UUID,
    prescription_id: UUID,
    revision: int,
    items: Sequence[tuple[int, UUID, int]],
    order_id: UUID,
    now: datetime,
) -> None:
    """The order uses the prescription: of its items (number, product, packs)."""


async def release(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """Another order may use the order's prescription."""


async def use(session: AsyncSession, row: OrderRow, now: datetime) -> None:
    """The order's prescription was dispensed."""
