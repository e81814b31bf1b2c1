"""Quotes, beside what is asked at present. Each query names whose they are."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database
from services.pharmacy.store.quote_tables import QuoteRow

_FIND = """
select content, buyer_name, expire_time, time_zone, open_for_orders, delivery_base_minor, delivery_per_km_minor,
       array(
         select price_minor from unnest(product_ids) with ordinality as item (product_id, nth)
         left join offer on offer.product_id = item.product_id and offer.pharmacy_id = quote.pharmacy_id order by nth
       ) as prices
from quote join pharmacy using (pharmacy_id)
where patient_id = $1 and quote_id = $2
"""


class QuoteNow(NamedTuple):
    """A quote, and its pharmacy's terms as they are now."""

    content: bytes
    """`apricot.pharmacy.v1.Quote`."""
    buyer_name: str
    expire_time: datetime
    time_zone: str
    open_for_orders: bool
    delivery_base_minor: int
    delivery_per_km_minor: int
    prices: list[int | None]
    """Of each item's pack; None: it is sold no longer."""


async def find(database: Database, patient_id: UUID, quote_id: UUID) -> QuoteNow | None:
    """A quote of the patient's."""
    async with database.connection() as connection:
        found = await connection.fetchrow(_FIND, patient_id, quote_id)
    return None if found is None else QuoteNow(*found)


async def forget(session: AsyncSession, before: datetime) -> None:
    """Drop those that expired before then, whichever patient_id they name."""
    await session.exec(delete(QuoteRow).where(col(QuoteRow.expire_time) < before))
