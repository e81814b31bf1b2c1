"""Products with their offers, as a caller may see them."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.pharmacy_pb2 import Offer
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
    rows = await catalogue.products(session, ids)
    approved = await approved_atc_codes(session, caller) if any(row.prescription_only for row in rows.values()) else ()
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
        if product_id in rows and offers[product_id]:
            first = min(offers[product_id], key=order)
            product = product_message(rows[product_id], approved)
            product.content.ClearField("leaflet")
            if rows[product_id].prescription_only:  # no packaging on lists, approved or not
                product.content.ClearField("packaging_picture_url")
            shown.append(pb.FoundProduct(product=product, offer=offer_message(first, near[first.pharmacy_id])))
    return shown


async def show_offers(session: AsyncSession, product_id: UUID, nearby: Sequence[Nearby]) -> list[Offer]:
    """Where a product can be had: what is in stock first, then the cheapest and the nearest first."""
    near = {one.pharmacy_id: one for one in nearby}
    offers = await catalogue.offers_there(session, [product_id], near)

    def order(offer: OfferThere) -> tuple[bool, int, int]:
        at = near[offer.pharmacy_id]
        return not is_in_stock(offer, at), offer.price_minor, at.distance_metres

    return [offer_message(offer, near[offer.pharmacy_id]) for offer in sorted(offers, key=order)[:_MOST_OFFERS]]
