"""What is found by which words, and near which places."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.pharmacy_pb2 import DeliveryArea, Polygon
from apricot.pharmacy.v1.place_pb2 import Position
from apricot.pharmacy.v1.product_pb2 import PRODUCT_CLASS_PRESCRIPTION
from sqlmodel import col, delete, update

from kit.clock import utc_now
from kit.database import raw_connection
from services.pharmacy.domain import geography
from services.pharmacy.domain.orders import State
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.store.catalog_tables import LotRow, OfferRow
from services.pharmacy.store.nearby import find_nearby
from tests.in_process import refused_by
from tests.pharmacy.catalog.arranged import HERE, Shop, medicine, north_of

FAR = Position(latitude=45, longitude=10)
"""Where nothing else is."""


NAMES = (
    *("二甲双胍", "甲双", "metformin", "METFORMIN", "Ｍｅｔｆｏｒｍｉｎ", "格华止", "Glucophage", "格华止 metformin"),
    *("利拉", "默克", "格", "甲", "片", "汀", "克"),
    *("metf", "MET", "me", "gluco", "二甲 metf", "metformin glu"),
)
UNFINISHED = "metf gluco", "formin", "m", "metformine"
"""What finds nothing: the last word alone may go on, and no word begins before its beginning."""
_numbers = count()


def place() -> Position:
    """Another one each time, far from all others."""
    number = next(_numbers)
    return Position(latitude=number % 40 + 0.5, longitude=number // 40 + 0.5)


async def found(shop: Shop, at: Position, query: str, **more: object) -> list[str]:
    request = pb.SearchProductsRequest(position=at, query=query, **more)  # type: ignore[arg-type]
    return [one.product.product_id for one in (await shop.ask(request)).products]


@pytest.mark.parametrize("query", NAMES)
async def test_found_by_name_brand_substance_and_maker_in_both_languages(shop: Shop, query: str) -> None:
    at = place()
    pharmacy = await shop.pharmacy(position=at)
    wanted, other = await shop.products(
        medicine(
            name_zh="二甲双胍片",
            name_en="metformin",
            brand="格华止 Glucophage",
            manufacturer="默克",
            ingredients=["利拉利汀"],
        ),
        medicine(name_zh="阿卡波糖", name_en="acarbose"),
    )
    for product in wanted, other:
        await shop.offer(pharmacy, product)
    assert await found(shop, at, query) == [wanted]


@pytest.mark.parametrize("query", UNFINISHED)
async def test_only_the_last_word_may_be_unfinished(shop: Shop, query: str) -> None:
    at = place()
    pharmacy = await shop.pharmacy(position=at)
    (product,) = await shop.products(medicine(name_en="metformin", brand="格华止 Glucophage"))
    await shop.offer(pharmacy, product)
    assert await found(shop, at, query) == []


async def test_what_is_named_so_comes_before_what_is_for_it(shop: Shop) -> None:
    at = place()
    pharmacy = await shop.pharmacy(position=at)
    for_it, named = await shop.products(medicine(ailments=["感冒", "cold"]), medicine(name_zh="感冒颗粒"))
    await shop.offer(pharmacy, for_it, 1)
    await shop.offer(pharmacy, named, 2)
    assert await found(shop, at, "感冒") == [named, for_it]
    assert await found(shop, at, "感冒", order=pb.PRODUCT_ORDER_PRICE) == [for_it, named]
    assert await found(shop, at, "cold") == [for_it]


@pytest.mark.parametrize("query", ["痛", "牙", "头", "钙", "CALCIUM", "迪巧", "d3"])
async def test_one_character_finds_it_wherever_it_stands(shop: Shop, query: str) -> None:
    at = place()
    pharmacy = await shop.pharmacy(position=at)
    told = medicine(name_zh="碳酸钙D3片", name_en="calcium carbonate", brand="迪巧", ailments=["头痛", "牙痛"])
    wanted, other = await shop.products(told, medicine(name_zh="阿卡波糖片"))
    for product in wanted, other:
        await shop.offer(pharmacy, product)
    assert await found(shop, at, query) == [wanted]


async def test_what_is_told_anew_is_found_by_what_it_now_says(shop: Shop) -> None:
    at = place()
    pharmacy, told = await shop.pharmacy(position=at), medicine(name_zh="旧名片")
    (product,) = await shop.products(told)
    await shop.offer(pharmacy, product)
    told.name_zh = "新名片"
    assert await shop.products(told) == [product]
    assert await found(shop, at, "旧名") == []
    assert await found(shop, at, "新名") == [product]


async def test_the_edge_of_a_radius(shop: Shop) -> None:
    at = place()
    pharmacy = await shop.pharmacy(position=at, delivery_area=DeliveryArea(radius_metres=3000))
    (product,) = await shop.products(medicine())
    await shop.offer(pharmacy, product)
    for metres, within in ((0, True), (2999, True), (-2999, True), (3035, False), (-3035, False)):
        there = north_of(at, metres)
        assert await found(shop, there, "") == [product] * within, metres
        async with shop.database.transaction() as session:
            where = geography.Position(there.latitude, there.longitude)
            near = await find_nearby(await raw_connection(session), where, utc_now(), only=UUID(pharmacy))
        assert [one.pharmacy_id for one in near] == [UUID(pharmacy)] * within


async def test_the_edge_of_a_polygon(shop: Shop) -> None:
    at = place()

    def corner(north: float, east: float) -> Position:
        return Position(latitude=at.latitude + north, longitude=at.longitude + east)

    notched = [corner(0, 0), corner(0, 0.1), corner(0.05, 0.02), corner(0.1, 0.1), corner(0.1, 0)]
    pharmacy = await shop.pharmacy(position=at, delivery_area=DeliveryArea(polygon=Polygon(corners=notched)))
    (product,) = await shop.products(medicine())
    await shop.offer(pharmacy, product)
    assert await found(shop, corner(0.05, 0.01), "") == [product]
    assert await found(shop, corner(0.05, 0.08), "") == []  # within its box, not within its line
    assert await found(shop, corner(0.02, 0.03), "") == [product]


async def test_an_expired_licence_and_closed_books_find_nothing(shop: Shop) -> None:
    at = place()
    today = shop.today()
    still = await shop.pharmacy(position=at, licence_expiry_date=today.isoformat())
    expired = await shop.pharmacy(position=at, licence_expiry_date=(today - timedelta(days=1)).isoformat())
    paused = await shop.pharmacy(position=at, open_for_orders=False)
    (product,) = await shop.products(medicine())
    for pharmacy in still, expired, paused:
        await shop.offer(pharmacy, product)
    (near,) = (await shop.ask(pb.ListPharmaciesRequest(position=at))).pharmacies
    assert near.pharmacy.pharmacy_id == still
    answer = await shop.ask(pb.GetProductRequest(product_id=product, position=at))
    assert [offer.pharmacy_id for offer in answer.offers] == [still]
    shop.clock.advance(days=1)
    assert await found(shop, at, "") == []


async def test_expired_lots_are_not_in_stock(shop: Shop) -> None:
    at = place()
    pharmacy = await shop.pharmacy(position=at)
    (product,) = await shop.products(medicine())
    await shop.offer(pharmacy, product, days=1)
    assert await found(shop, at, "", in_stock_only=True) == [product]
    shop.clock.advance(days=1)  # the last day
    assert await found(shop, at, "", in_stock_only=True) == [product]
    shop.clock.advance(days=1)
    assert await found(shop, at, "", in_stock_only=True) == []
    (offer,) = (await shop.ask(pb.GetProductRequest(product_id=product, position=at))).offers
    assert not offer.in_stock


async def test_in_stock_follows_what_orders_hold(shop: Shop) -> None:
    at = place()
    pharmacy = await shop.pharmacy(position=at)
    (product,) = await shop.products(medicine())
    await shop.offer(pharmacy, product, packs=5)

    async def hold(packs: int) -> bool:
        async with shop.database.transaction() as session:
            await session.exec(update(LotRow).where(col(LotRow.product_id) == UUID(product)).values(held=packs))
        return await found(shop, at, "", in_stock_only=True) == [product]

    assert [await hold(packs) for packs in (4, 5, 5, 4, 0)] == [True, False, False, True, True]
    async with shop.database.transaction() as session:
        of_product = col(LotRow.product_id) == UUID(product)
        await session.exec(update(LotRow).where(of_product).values(update_time=datetime(2000, 1, 1, tzinfo=UTC)))
        await session.exec(delete(LotRow).where(of_product))
    assert await found(shop, at, "", in_stock_only=True) == []


async def test_lots_that_were_there_before_the_offer_count(shop: Shop) -> None:
    at = place()
    pharmacy = await shop.pharmacy(position=at)
    (product,) = await shop.products(medicine())
    await shop.offer(pharmacy, product)
    async with shop.database.transaction() as session:
        await session.exec(delete(OfferRow).where(col(OfferRow.product_id) == UUID(product)))
    await shop.offer(pharmacy, product, packs=0)
    assert await found(shop, at, "", in_stock_only=True) == [product]


async def test_terms_tell_distance_fee_and_time_with_the_queue(shop: Shop) -> None:
    at = place()
    pharmacy = await shop.pharmacy(position=north_of(at, 2000), preparing_minutes=10)
    request = pb.GetPharmacyRequest(pharmacy_id=pharmacy, position=at)
    terms = (await shop.ask(request)).terms
    assert abs(terms.distance_metres - 2000) <= 2
    assert terms.fee == Money(currency_code="CNY", minor_units=300 + -(-terms.distance_metres // 10))
    assert terms.estimated_minutes == 10 + 11
    for state in State.IN_REVIEW, State.PREPARING, State.READY, State.CANCELLED:
        await shop.order(uuid4(), pharmacy, state, approved=True, atc_code="A10BA02")
    assert (await shop.ask(request)).terms.estimated_minutes == 10 + 11 + 2 * 3
    assert not (await shop.ask(pb.GetPharmacyRequest(pharmacy_id=pharmacy, position=FAR))).HasField("terms")


async def test_pharmacies_by_each_order_and_page(shop: Shop) -> None:
    at = place()
    near = await shop.pharmacy(position=at, preparing_minutes=60, licence_expiry_date="2031-01-01")
    soon = await shop.pharmacy(position=north_of(at, 1000), preparing_minutes=5)
    cheap = await shop.pharmacy(
        position=north_of(at, 2000), preparing_minutes=30, delivery_base=Money(currency_code="CNY"), name="便宜"
    )

    async def listed(order: pb.PharmacyOrder.ValueType) -> list[str]:
        request = pb.ListPharmaciesRequest(position=at, order=order, page_size=2)
        first = await shop.ask(request)
        request.page_token = first.next_page_token
        second = await shop.ask(request)
        assert len(first.pharmacies) == 2
        assert not second.next_page_token
        return [one.pharmacy.pharmacy_id for one in (*first.pharmacies, *second.pharmacies)]

    assert await listed(pb.PHARMACY_ORDER_UNSPECIFIED) == [near, soon, cheap]
    assert await listed(pb.PHARMACY_ORDER_TIME) == [soon, cheap, near]
    assert await listed(pb.PHARMACY_ORDER_FEE) == [cheap, near, soon]
    assert await listed(pb.PHARMACY_ORDER_RATING) == [near, soon, cheap]  # nobody has rated: by distance


async def test_a_price_in_another_currency_is_refused(shop: Shop) -> None:
    request = pb.SearchProductsRequest(position=HERE, maximum_price=Money(currency_code="USD", minor_units=1))
    with refused_by(ERRORS, Reason.REASON_INVALID_FIELD):
        await shop.ask(request)


LEGAL = ("packaging_picture_url", "leaflet", "indications", "dosage")


async def test_prescription_medicine_is_hidden_until_a_pharmacist_has_approved(shop: Shop) -> None:
    at, patient, other = place(), uuid4(), uuid4()
    pharmacy = await shop.pharmacy(position=at)
    told = medicine(
        atc_code="A10BA02",
        product_class=PRODUCT_CLASS_PRESCRIPTION,
        packaging_picture_url="https://example.org/box.png",
        leaflet="说明书",
        indications="糖尿病",
        dosage="一日两次",
    )
    (product,) = await shop.products(told)
    await shop.offer(pharmacy, product)

    async def shown(account: UUID) -> list[tuple[bool, dict[str, str]]]:
        search = await shop.ask(pb.SearchProductsRequest(position=at), account)
        get = await shop.ask(pb.GetProductRequest(product_id=product), account)
        return [
            (one.hidden, {field: getattr(one.content, field) for field in LEGAL})
            for one in (search.products[0].product, get.product)
        ]

    hidden = (True, dict.fromkeys(LEGAL, ""))
    assert await shown(patient) == [hidden, hidden]
    await shop.order(patient, pharmacy, State.IN_REVIEW, approved=False, atc_code="A10BA02")
    await shop.order(patient, pharmacy, State.PREPARING, approved=True, atc_code="A10BH01")
    assert await shown(patient) == [hidden, hidden]
    await shop.order(patient, pharmacy, State.PREPARING, approved=True, atc_code="A10BA02")
    everything = {field: getattr(told, field) for field in LEGAL}
    on_the_list = everything | {"leaflet": "", "packaging_picture_url": ""}
    assert await shown(patient) == [(False, on_the_list), (False, everything)]
    assert await shown(other) == [hidden, hidden]


@pytest.mark.parametrize(
    ("role", "is_shown"), [("clinician", True), ("pharmacist", True), ("admin", True), ("courier", False)]
)
async def test_who_prescribes_or_dispenses_reads_the_leaflet_and_lists_still_show_none(
    shop: Shop, role: str, is_shown: bool
) -> None:
    at, who = place(), uuid4()
    pharmacy, told = await shop.pharmacy(position=at), dict.fromkeys(LEGAL, "https://example.org/1")
    (product,) = await shop.products(medicine(product_class=PRODUCT_CLASS_PRESCRIPTION, **told))
    await shop.offer(pharmacy, product)
    one = (await shop.ask(pb.GetProductRequest(product_id=product), who, role)).product
    assert one.hidden is not is_shown
    assert {field: getattr(one.content, field) for field in LEGAL} == (told if is_shown else dict.fromkeys(LEGAL, ""))
    (listed,) = (await shop.ask(pb.SearchProductsRequest(position=at), who, role)).products
    assert listed.product.content.leaflet == listed.product.content.packaging_picture_url == ""


async def test_medicine_over_the_counter_shows_everything(shop: Shop) -> None:
    (product,) = await shop.products(medicine(leaflet="说明书", indications="头痛", dosage="一片"))
    answer = await shop.ask(pb.GetProductRequest(product_id=product))
    assert (answer.product.hidden, answer.product.content.leaflet) == (False, "说明书")
    assert answer.product.pack == "500 mg × 20"


async def test_no_such_product_and_pharmacy(shop: Shop) -> None:
    for request in pb.GetProductRequest(product_id=str(uuid4())), pb.GetPharmacyRequest(pharmacy_id=str(uuid4())):
        with refused_by(ERRORS, Reason.REASON_NOT_FOUND):
            await shop.ask(request)
