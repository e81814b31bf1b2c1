"""The search of a patient's: `CatalogService.SearchProducts` near a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from apricot.pharmacy.v1 import catalog_pb2 as pb

from kit import paging
from kit.database import Database
from kit.text_search import tokens
from services.pharmacy.rpc.places import minor_units, position_of
from services.pharmacy.store import search
from services.pharmacy.store.nearby import Nearby, Rank, Ranking, find_nearby, rank
from services.pharmacy.store.search import Place, Wanted, searching

USUALLY = 20
"""Products of a page."""
_RANKINGS = {
    pb.PRODUCT_ORDER_DISTANCE: Ranking.DISTANCE,
    pb.PRODUCT_ORDER_TIME: Ranking.TIME,
    pb.PRODUCT_ORDER_RATING: Ranking.RATING,
}
_NO_RANK: Rank = (0, 0, "")
_LARGEST_PRICE = 10**8


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search."""

    places: Sequence[Place]
    next_page_token: str
    nearby: Sequence[Nearby]
    """In the order's order, or the nearest first."""
    wanted: Wanted
    by_pharmacy: bool
    """Whether the order asks first who sells it."""


async def find_products(database: Database, request: pb.SearchProductsRequest, now: datetime) -> Found:
    """Which products, in their order. Errors: INVALID_PAGE_TOKEN, INVALID_FIELD."""
    size, ranking = request.page_size or USUALLY, _RANKINGS.get(request.order)
    begun = _behind(request)
    async with searching(database) as connection:
        only = UUID(request.pharmacy_id) if request.pharmacy_id else None
        nearby = await find_nearby(connection, position_of(request.position), now, only)
        if ranking is not None:
            nearby.sort(key=lambda near: rank(near, ranking))
        wanted = wanted_by(request, nearby)
        if not nearby:
            return Found([], "", [], wanted, by_pharmacy=False)
        if ranking is not None:
            found = await _ranked(connection, wanted, nearby, ranking, begun, size + 1)
        else:
            found = await _priced(connection, request, wanted, nearby, begun, size + 1)
    token = ""
    if len(found) > size:
        part, place = found[size - 1]
        standing = _NO_RANK if ranking is None else rank(nearby[place.rank], ranking)
        token = paging.encode([part, *standing, place.price_minor, str(place.product_id)], request)
    return Found([place for _, place in found[:size]], token, nearby, wanted, by_pharmacy=ranking is not None)


type _Begun = tuple[int, Rank, Place]
"""What was shown already: the part of the order, the pharmacy's rank, and the place there."""


async def _priced(
    connection: asyncpg.Connection,
    request: pb.SearchProductsRequest,
    wanted: Wanted,
    nearby: Sequence[Nearby],
    begun: _Begun,
    limit: int,
) -> list[tuple[int, Place]]:
    by_match = request.order == pb.PRODUCT_ORDER_UNSPECIFIED
    parts = search.parts(wanted) if by_match else [search.everything(wanted)]
    pharmacies = [near.pharmacy_id for near in nearby]
    first, _, behind = begun
    found: list[tuple[int, Place]] = []
    for number in range(first, len(parts)):
        start, left = behind if number == first else search.FIRST, limit - len(found)
        places = await search.by_price(connection, parts[number], wanted, pharmacies, start, left)
        found += [(number, place) for place in places]
        if len(found) == limit:
            break
    return found


async def _ranked(
    connection: asyncpg.Connection,
    wanted: Wanted,
    nearby: Sequence[Nearby],
    ranking: Ranking,
    begun: _Begun,
    limit: int,
) -> list[tuple[int, Place]]:
    _, shown, behind = begun
    ranks = [rank(near, ranking) for near in nearby]
    # The pharmacy that was shown last, or, where it has gone, the one behind it.
    number = next((number for number, standing in enumerate(ranks) if standing >= shown), len(ranks))
    if number == len(ranks):
        return []
    start = Place(number, -1, search.FIRST.product_id)
    if ranks[number] == shown:
        start = Place(number, behind.price_minor, behind.product_id)
    pharmacies = [near.pharmacy_id for near in nearby]
    places = await search.by_pharmacy(connection, search.everything(wanted), wanted, pharmacies, start, limit)
    return [(0, place) for place in places]


def wanted_by(request: pb.SearchProductsRequest, nearby: Sequence[Nearby]) -> Wanted:
    """Errors: INVALID_FIELD."""
    maximum = minor_units(request.maximum_price, "maximum_price") if request.HasField("maximum_price") else None
    # Where midnight lies between them, the later day: nothing is shown that may have expired.
    today = max((near.today for near in nearby), default=None)
    return Wanted(
        query=tokens(request.query),
        otc_only=request.otc_only,
        cold_chain_only=request.cold_chain_only,
        forms=list(request.forms),
        atc_prefix=request.atc_prefix,
        maximum_price_minor=maximum,
        in_stock_on=today if request.in_stock_only else None,
    )


def _behind(request: pb.SearchProductsRequest) -> _Begun:
    """Errors: INVALID_PAGE_TOKEN."""
    key = paging.decode(request.page_token, request, (int, int, int, str, int, str))
    if key is None:
        return 0, (-(2**31), 0, ""), search.FIRST
    part, measure, distance, pharmacy_id, price_minor, product_id = key
    if not (0 <= part <= 1 and 0 <= price_minor <= _LARGEST_PRICE):
        raise paging.invalid()
    try:
        return part, (measure, distance, pharmacy_id), Place(0, price_minor, UUID(product_id))
    except ValueError as error:
        raise paging.invalid() from error
