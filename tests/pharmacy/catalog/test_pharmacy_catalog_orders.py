"""Every filter and order of a search finds what Python computes from the same catalogue, page by page."""

import random
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from apricot.consult.v1.prescription_pb2 import (
    MEDICINE_FORM_CAPSULE,
    MEDICINE_FORM_INJECTION,
    MEDICINE_FORM_MODIFIED_RELEASE_TABLET,
    MEDICINE_FORM_TABLET,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.pharmacy_pb2 import DeliveryArea

from kit.database import Database
from services.pharmacy.demo import read_catalogue
from services.pharmacy.domain.hours import ALWAYS
from services.pharmacy.rpc.catalog import Catalog
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.store import search
from services.pharmacy.store.catalog_tables import OfferRow
from services.pharmacy.store.opening import opening_hours
from services.pharmacy.store.pharmacy_tables import PharmacyRow
from stack.platform import Platform
from tests.in_process import HandClock, own_database, refused_by
from tests.pharmacy.catalog.arranged import HERE, Shop, medicine, north_of, yuan
from tests.pharmacy.catalog.model import Model, Offered

QUERIES = ["二甲双胍", "metformin", "胰岛素", "感冒", "拜耳", "Headache", "缓释", "片", "诺和锐", "没有"]
FORMS = (
    [MEDICINE_FORM_TABLET],
    [MEDICINE_FORM_MODIFIED_RELEASE_TABLET, MEDICINE_FORM_CAPSULE],
    [MEDICINE_FORM_INJECTION],
)
GROUPS = ("", "", "", "", "", "", "A", "A10", "A10B", "A10BA", "A10BA02", "C", "J01FA10")


@pytest.fixture(scope="module")
async def crowded(engines: Platform) -> AsyncIterator[tuple[Shop, Model]]:
    """The demo's products at eight pharmacies, two of which do not deliver here."""
    async with own_database(engines, "pharmacy") as database:
        clock = HandClock()
        shop = Shop(database, Catalog(database, clock), clock)
        yield shop, await _arrange(shop, database, random.Random(3))


async def _arrange(shop: Shop, database: Database, chance: random.Random) -> Model:
    contents = list(read_catalogue())
    ids = await shop.products(*contents)
    pharmacies = [
        await shop.pharmacy(
            name=f"药房{number}",
            position=north_of(HERE, chance.choice((-1, 1)) * chance.randint(100, 4000)),
            delivery_area=DeliveryArea(radius_metres=4500),
            preparing_minutes=chance.randint(5, 60),
            hours=opening_hours([] if number == 2 else ALWAYS),
        )
        for number in range(6)
    ]
    pharmacies += [await shop.pharmacy(position=north_of(HERE, 9000)) for _ in range(2)]
    async with database.transaction() as session:
        for number, pharmacy_id in enumerate(pharmacies):
            row = await session.get_one(PharmacyRow, UUID(pharmacy_id))
            row.rating_count = number % 3
            row.rating_sum = sum(chance.randint(3, 5) for _ in range(row.rating_count))
    offers = []
    for product_id in ids:
        for pharmacy_id in chance.sample(pharmacies, chance.randint(0, 6)):
            price, stocked = chance.randint(5, 25), chance.random() < 0.7
            days = chance.choice((-1, 0, 100))
            await shop.offer(pharmacy_id, product_id, price, packs=3 if stocked else 0, days=days)
            offers.append(Offered(product_id, pharmacy_id, price * 100, stocked and days >= 0))
    nearby = await shop.ask(pb.ListPharmaciesRequest(position=HERE))
    assert {one.pharmacy.pharmacy_id for one in nearby.pharmacies} == set(pharmacies[:6])
    return Model(dict(zip(ids, contents, strict=True)), offers, list(nearby.pharmacies))


def _request(chance: random.Random, model: Model, order: int) -> pb.SearchProductsRequest:
    request = pb.SearchProductsRequest(
        position=HERE,
        query=chance.choice(("", "", "头痛 布洛芬", *QUERIES)),
        otc_only=chance.random() < 0.2,
        cold_chain_only=chance.random() < 0.1,
        atc_prefix=chance.choice(GROUPS),
        in_stock_only=chance.random() < 0.3,
        order=pb.ProductOrder.ValueType(order),
    )
    if chance.random() < 0.15:
        request.forms.extend(chance.choice(FORMS))
    if chance.random() < 0.2:
        request.pharmacy_id = chance.choice(model.nearby).pharmacy.pharmacy_id
    if chance.random() < 0.3:
        request.maximum_price.CopyFrom(yuan(chance.randint(8, 20)))
    return request


@pytest.mark.parametrize("few", [1000, 3])
@pytest.mark.parametrize("order", pb.ProductOrder.values())
async def test_filters_and_orders_find_what_python_finds(
    crowded: tuple[Shop, Model], monkeypatch: pytest.MonkeyPatch, order: int, few: int
) -> None:
    """Whether few or many products match changes how they are found, not what."""
    monkeypatch.setattr(search, "_FEW", few)
    shop, model = crowded
    chance, found_some = random.Random(order), 0
    for _ in range(16):
        request = _request(chance, model, order)
        request.page_size = chance.choice((1, 7, 100)) if request.query or request.atc_prefix else 100
        expected = model.find(request)
        assert await _all(shop, request) == expected, request
        found_some += bool(expected)
    assert found_some > 4


async def test_without_a_place_is_found_what_the_catalogue_holds(crowded: tuple[Shop, Model]) -> None:
    """Also what nobody sells; without offers, and page by page."""
    shop, model = crowded
    chance, unsold = random.Random(7), set(model.contents) - {offer.product_id for offer in model.offers}
    found_unsold = False
    for _ in range(24):
        request = _request(chance, model, pb.PRODUCT_ORDER_UNSPECIFIED)
        for of_offers in "position", "pharmacy_id", "maximum_price", "in_stock_only":
            request.ClearField(of_offers)
        request.page_size = chance.choice((7, 100))
        found = await _all(shop, request)
        assert found == [(product_id, "") for product_id in model.find_anywhere(request)], request
        found_unsold |= not unsold.isdisjoint(product_id for product_id, _ in found)
    assert found_unsold


async def _all(shop: Shop, request: pb.SearchProductsRequest) -> list[tuple[str, str]]:
    """All pages."""
    found = []
    while True:
        answer = await shop.ask(request)
        found += [(one.product.product_id, one.offer.pharmacy_id) for one in answer.products]
        assert len(answer.products) <= request.page_size
        if not answer.next_page_token:
            return found
        assert len(answer.products) == request.page_size
        request.page_token = answer.next_page_token


@pytest.mark.parametrize("order", pb.ProductOrder.values())
async def test_a_page_begins_behind_the_last_whatever_came_meanwhile(crowded: tuple[Shop, Model], order: int) -> None:
    shop, model = crowded
    request = pb.SearchProductsRequest(position=HERE, order=pb.ProductOrder.ValueType(order), page_size=10)
    expected = [product_id for product_id, _ in model.find(request)]
    first = await shop.ask(request)
    request.page_token = first.next_page_token
    nearest = first.products[0].offer.pharmacy_id
    content = medicine()
    (new,) = await shop.products(content)
    model.contents[new] = content
    await shop.offer(nearest, new, 0.01)  # before all that was shown, or among it
    second = await shop.ask(request)
    await _withdraw(shop, nearest, new)
    assert [one.product.product_id for one in (*first.products, *second.products)] == expected[:20]


async def _withdraw(shop: Shop, pharmacy_id: str, product_id: str) -> None:
    async with shop.database.transaction() as session:
        await session.delete(await session.get_one(OfferRow, (UUID(pharmacy_id), UUID(product_id))))


async def test_a_token_of_another_list_is_refused(crowded: tuple[Shop, Model]) -> None:
    shop, _ = crowded
    request = pb.SearchProductsRequest(position=HERE, page_size=1)
    token = (await shop.ask(request)).next_page_token
    other = pb.SearchProductsRequest(position=HERE, query="胰岛素", page_size=1, page_token=token)
    with refused_by(ERRORS, Reason.REASON_INVALID_PAGE_TOKEN):
        await shop.ask(other)
    anywhere = pb.SearchProductsRequest(page_size=1, page_token=token)
    with refused_by(ERRORS, Reason.REASON_INVALID_PAGE_TOKEN):
        await shop.ask(anywhere)
