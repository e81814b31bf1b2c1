"""Products with their offers, as a caller may see them."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.pharmacy_pb2 import Offer
from apricot.pharmacy.v1.product_pb2 import Product
from sqlmodel.ext.asyncio.session import AsyncSession

from services.pharmacy.rpc.finding import Found
from services.pharmacy.store import catalogue
from services.pharmacy.store.catalogue import OfferThere
from services.pharmacy.store.nearby import Nearby
from services.pharmacy.store.pharmacy_bodies import is_in_stock, offer_message
from services.pharmacy.store.shown import approved_atc_codes, product_message

_MOST_OFFERS = 100


async def show_found(session: AsyncSession, found: Found, caller: UUID) -> list[pb.FoundProduct]:
    """The products of a page, each with the first of its offers by the order of the search."""
    ids = [place.product_id for place in found.places]
    listed = await _listed(session, ids, caller)
    near = {one.pharmacy_id: one for one in found.nearby}
    ranks = {one.pharmacy_id: number for number, one in enumerate(found.nearby)}
    offers = defaultdict[UUID, list[OfferThere]](list)
    for offer in await catalogue.offers_there(session, ids, near):
        if found.wanted.takes(offer.price_minor, offer.in_stock_until):
            offers[offer.product_id].append(offer)

    def order(offer: OfferThere) -> tuple[int, int]:
        key = offer.price_minor, ranks[offer.pharmacy_id]
        return key[::-1] if found.by_pharmacy else key

    shown = []
    for product_id in ids:
        # Whoever withdraws it at this instant takes it from the page.
        if product_id in listed and offers[product_id]:
            first = min(offers[product_id], key=order)
            best = offer_message(first, near[first.pharmacy_id])
            shown.append(pb.FoundProduct(product=listed[product_id], offer=best))
    return shown


async def show_products(session: AsyncSession, ids: Sequence[UUID], caller: UUID) -> list[pb.FoundProduct]:
    """The products of a page that asks for no offers."""
    listed = await _listed(session, ids, caller)
    return [pb.FoundProduct(product=listed[product_id]) for product_id in ids if product_id in listed]


async def show_offers(session: AsyncSession, product_id: UUID, nearby: Sequence[Nearby]) -> list[Offer]:
    """Where a product can be had: what is in stock first, then the cheapest and the nearest first."""
    near = {one.pharmacy_id: one for one in nearby}
    offers = await catalogue.offers_there(session, [product_id], near)

    def order(offer: OfferThere) -> tuple[bool, int, int]:
        at = near[offer.pharmacy_id]
        return not is_in_stock(offer, at), offer.price_minor, at.distance_metres

    return [offer_message(offer, near[offer.pharmacy_id]) for offer in sorted(offers, key=order)[:_MOST_OFFERS]]


async def _listed(session: AsyncSession, ids: Sequence[UUID], caller: UUID) -> dict[UUID, Product]:
    """As lists show them: without leaflets and, of prescription medicine, without the packaging, approved or not."""
    rows = await catalogue.products(session, ids)
    prescribed = any(row.prescription_only for row in rows.values())
    approved = await approved_atc_codes(session, caller) if prescribed else frozenset[str]()
    listed = {product_id: product_message(row, approved) for product_id, row in rows.items()}
    for product_id, product in listed.items():
        product.content.ClearField("leaflet")
        if rows[product_id].prescription_only:
            product.content.ClearField("packaging_picture_url")
    return listed
