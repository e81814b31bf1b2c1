"""The demo's pharmacies."""

import asyncio

from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.place_pb2 import Position
from sqlmodel import func, select

from services.pharmacy.demo import PHARMACY_IDS, plant_pharmacies, read_catalogue
from services.pharmacy.store.catalog_tables import LotRow, OfferRow, ProductRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow
from tests.pharmacy.catalog.arranged import Shop

HANGZHOU, SHANGHAI = Position(latitude=30.27, longitude=120.15), Position(latitude=31.22, longitude=121.45)


async def _counts(shop: Shop) -> list[int]:
    tables = PharmacyRow, ProductRow, OfferRow, LotRow
    async with shop.database.transaction() as session:
        return [(await session.exec(select(func.count()).select_from(table))).one() for table in tables]


async def test_planted_once_by_however_many(shop: Shop) -> None:
    await asyncio.gather(*(plant_pharmacies(shop.database, shop.clock) for _ in range(3)))
    pharmacies, products = len(PHARMACY_IDS), len(read_catalogue())
    expected = [pharmacies, products, pharmacies * products, 2 * pharmacies * products]
    assert await _counts(shop) == expected
    await plant_pharmacies(shop.database, shop.clock)
    assert await _counts(shop) == expected


async def test_everything_can_be_had_at_any_hour(shop: Shop) -> None:
    await plant_pharmacies(shop.database, shop.clock)
    for place in HANGZHOU, SHANGHAI:
        for _ in range(4):
            near = (await shop.ask(pb.ListPharmaciesRequest(position=place, open_now_only=True))).pharmacies
            assert len(near) >= 2
            shop.clock.advance(hours=6)
        request = pb.SearchProductsRequest(position=place, in_stock_only=True, page_size=100)
        first = await shop.ask(request)
        request.page_token = first.next_page_token
        second = await shop.ask(request)
        assert len(first.products) + len(second.products) == len(read_catalogue())
        assert all(found.offer.price.minor_units > 0 for found in (*first.products, *second.products))
