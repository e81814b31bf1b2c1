"""The catalogue as the other parts of the pharmacy ask for it: products, offers, pharmacies, and where they deliver."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.domain.geography import Position
from services.pharmacy.store.catalog_tables import OfferRow, ProductRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow

# The index knows areas and not places: it is asked which areas overlap one of no extent, then each is looked at.
HOLDS = "(delivery_area && polygon(box({place}, {place})) and delivery_area @> {place})"
"""The condition that a pharmacy's delivery area holds a place."""

_DELIVERS = text(
    "select exists (select from pharmacy where pharmacy_id = :pharmacy and "  # noqa: S608  fixed words
    + HOLDS.format(place="point(:longitude, :latitude)")
    + ")"
)


async def products(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, ProductRow]:
    """Those that there are of these products."""
    found = await session.exec(select(ProductRow).where(col(ProductRow.product_id).in_(ids)))
    return {row.product_id: row for row in found.all()}


async def offers(session: AsyncSession, pharmacy_id: UUID, product_ids: Collection[UUID]) -> dict[UUID, OfferRow]:
    """What a pharmacy asks for those of these products that it sells, by product."""
    query = select(OfferRow).where(OfferRow.pharmacy_id == pharmacy_id, col(OfferRow.product_id).in_(product_ids))
    return {row.product_id: row for row in (await session.exec(query)).all()}


async def offers_near(
    session: AsyncSession, product_ids: Collection[UUID], pharmacy_ids: Collection[UUID]
) -> Sequence[OfferRow]:
    """What these pharmacies ask for these products."""
    query = select(OfferRow).where(
        col(OfferRow.product_id).in_(product_ids), col(OfferRow.pharmacy_id).in_(pharmacy_ids)
    )
    return (await session.exec(query)).all()


async def find_pharmacy(session: AsyncSession, pharmacy_id: UUID) -> PharmacyRow | None:
    """One pharmacy; None: there is none."""
    return await session.get(PharmacyRow, pharmacy_id)


async def pharmacies(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, PharmacyRow]:
    """Those that there are of these pharmacies."""
    found = await session.exec(select(PharmacyRow).where(col(PharmacyRow.pharmacy_id).in_(ids)))
    return {row.pharmacy_id: row for row in found.all()}


async def delivers_to(session: AsyncSession, pharmacy_id: UUID, position: Position) -> bool:
    """Whether a place is in a pharmacy's delivery area."""
    place = {"pharmacy": pharmacy_id, "longitude": position.longitude, "latitude": position.latitude}
    return bool((await (await session.connection()).execute(_DELIVERS, place)).scalar())
