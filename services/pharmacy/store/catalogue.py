"""The catalogue as the other parts of the pharmacy ask for it: products, offers, pharmacies, and where they deliver."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import raw_connection
from services.pharmacy.store.catalog_tables import OfferRow, ProductRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow

# The index knows areas and not places: it is asked which areas overlap one of no extent, then each is looked at.
HOLDS = "(delivery_area && polygon(box({place}, {place})) and delivery_area @> {place})"
"""The condition that a pharmacy's delivery area holds a place."""

# The pharmacies are no condition of the index, where each product would be looked up at each of them.
_OFFERS = """
select product_id, pharmacy_id, price_minor, in_stock_until from offer join unnest($2::uuid[]) as pharmacy_id
using (pharmacy_id) where product_id = any($1)
"""


async def products(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, ProductRow]:
    """Those that there are of these products."""
    found = await session.exec(select(ProductRow).where(col(ProductRow.product_id).in_(ids)))
    return {row.product_id: row for row in found.all()}


async def offers(session: AsyncSession, pharmacy_id: UUID, product_ids: Collection[UUID]) -> dict[UUID, OfferRow]:
    """What a pharmacy asks for those of these products that it sells, by product."""
    query = select(OfferRow).where(OfferRow.pharmacy_id == pharmacy_id, col(OfferRow.product_id).in_(product_ids))
    return {row.product_id: row for row in (await session.exec(query)).all()}


class OfferThere(NamedTuple):
    """What a pharmacy asks for a product."""

    product_id: UUID
    pharmacy_id: UUID
    price_minor: int
    in_stock_until: date | None


async def offers_there(
    session: AsyncSession, product_ids: Collection[UUID], pharmacy_ids: Collection[UUID]
) -> list[OfferThere]:
    """What these pharmacies ask for these products; there may be thousands."""
    rows = await (await raw_connection(session)).fetch(_OFFERS, [*product_ids], [*pharmacy_ids])
    return [OfferThere(*row) for row in rows]


async def find_pharmacy(session: AsyncSession, pharmacy_id: UUID) -> PharmacyRow | None:
    """One pharmacy; None: there is none."""
    return await session.get(PharmacyRow, pharmacy_id)


async def pharmacies(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, PharmacyRow]:
    """Those that there are of these pharmacies."""
    found = await session.exec(select(PharmacyRow).where(col(PharmacyRow.pharmacy_id).in_(ids)))
    return {row.pharmacy_id: row for row in found.all()}
