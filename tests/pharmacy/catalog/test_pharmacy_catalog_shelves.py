"""Offers and stock by those who work there, and pharmacies by those who run the platform."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1 import catalog_pb2 as pb
from apricot.pharmacy.v1.pharmacy_pb2 import DeliveryArea, OpeningHours, OpeningInterval, Polygon
from apricot.pharmacy.v1.place_pb2 import Position
from sqlmodel import col, select, update

from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.store import catalogue
from services.pharmacy.store.catalog_tables import LotRow, OfferRow
from services.pharmacy.store.pharmacy_tables import PharmacyRow
from tests.in_process import refused_by
from tests.pharmacy.catalog.arranged import HERE, Shop, drugstore, medicine, yuan

NOT_FOUND, INVALID = Reason.REASON_NOT_FOUND, Reason.REASON_INVALID_FIELD


def stock(pharmacy: str, product: str, on_hand: int, **more: Any) -> pb.SetStockRequest:
    told = {"lot_number": "A1", "expiry_date": "2028-02-29"} | more
    return pb.SetStockRequest(pharmacy_id=pharmacy, product_id=product, on_hand=on_hand, **told)


def offers(pharmacy: str, *prices: tuple[str, Money | None]) -> pb.PutOffersRequest:
    wanted = [pb.OfferPrice(product_id=product, price=price) for product, price in prices]
    return pb.PutOffersRequest(pharmacy_id=pharmacy, offers=wanted)


async def prices(shop: Shop, pharmacy: str, *products: str) -> list[int | None]:
    async with shop.database.transaction() as session:
        found = await catalogue.offers(session, UUID(pharmacy), [UUID(product) for product in products])
    return [found[UUID(product)].price_minor if UUID(product) in found else None for product in products]


async def test_only_who_works_there_sets_and_sees(shop: Shop) -> None:
    pharmacy, other = await shop.pharmacy(), await shop.pharmacy()
    (product,) = await shop.products(medicine())
    stranger = await shop.staff(other)
    requests = (
        offers(pharmacy, (product, yuan(1))),
        stock(pharmacy, product, 1),
        pb.ListStockRequest(pharmacy_id=pharmacy),
    )
    for request in requests:
        with refused_by(ERRORS, NOT_FOUND):
            await shop.ask(request, stranger)
    account = await shop.staff(pharmacy)
    for request in requests:
        await shop.ask(request, account)
    await shop.ask(pb.RemoveStaffRequest(pharmacy_id=pharmacy, account_id=str(account)))
    with refused_by(ERRORS, NOT_FOUND):
        await shop.ask(stock(pharmacy, product, 2), account)


async def test_offers_are_put_replaced_and_withdrawn(shop: Shop) -> None:
    pharmacy = await shop.pharmacy()
    account = await shop.staff(pharmacy)
    one, other, third = await shop.products(medicine(), medicine(), medicine())
    await shop.ask(offers(pharmacy, (one, yuan(1)), (other, yuan(2))), account)
    assert await prices(shop, pharmacy, one, other, third) == [100, 200, None]
    await shop.ask(offers(pharmacy, (one, None), (other, yuan(3)), (third, yuan(4))), account)
    assert await prices(shop, pharmacy, one, other, third) == [None, 300, 400]


async def test_offers_that_are_refused_change_nothing(shop: Shop) -> None:
    pharmacy = await shop.pharmacy()
    account = await shop.staff(pharmacy)
    product, other = await shop.products(medicine(), medicine())
    for reason, more in (
        (NOT_FOUND, (str(uuid4()), yuan(1))),
        (INVALID, (other, Money(currency_code="CNY"))),  # as who forgets the price
        (INVALID, (product, yuan(2))),
        (INVALID, (product.upper(), yuan(2))),
        (INVALID, (str(uuid4()), Money(currency_code="USD", minor_units=1))),
    ):
        with refused_by(ERRORS, reason):
            await shop.ask(offers(pharmacy, (product, yuan(1)), more), account)
    assert await prices(shop, pharmacy, product) == [None]


async def test_stock_is_set_by_lot_and_listed_first_expired_first(shop: Shop) -> None:
    pharmacy = await shop.pharmacy()
    account = await shop.staff(pharmacy)
    products = sorted(await shop.products(medicine(), medicine()))
    for product in products:
        await shop.ask(stock(pharmacy, product, 5, lot_number="late", expiry_date="2029-01-01"), account)
        await shop.ask(stock(pharmacy, product, 6, lot_number="soon", expiry_date="2027-06-30"), account)
        await shop.ask(stock(pharmacy, product, 7, lot_number="late"), account)  # counted anew
    request, found = pb.ListStockRequest(pharmacy_id=pharmacy, page_size=3), []
    while True:
        answer = await shop.ask(request, account)
        found += [(lot.product_id, lot.lot_number, lot.expiry_date, lot.on_hand) for lot in answer.lots]
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
    assert found == [
        (product, *lot) for product in products for lot in (("soon", "2027-06-30", 6), ("late", "2028-02-29", 7))
    ]
    only = await shop.ask(pb.ListStockRequest(pharmacy_id=pharmacy, product_id=products[1]), account)
    assert {lot.product_id for lot in only.lots} == {products[1]}


async def test_stock_does_not_go_below_what_orders_hold(shop: Shop) -> None:
    pharmacy = await shop.pharmacy()
    account = await shop.staff(pharmacy)
    (product,) = await shop.products(medicine())
    lot = (await shop.ask(stock(pharmacy, product, 5), account)).lot
    async with shop.database.transaction() as session:
        await session.exec(update(LotRow).where(col(LotRow.lot_id) == UUID(lot.lot_id)).values(held=3))
    with refused_by(ERRORS, Reason.REASON_WRONG_STATE):
        await shop.ask(stock(pharmacy, product, 2), account)
    answer = await shop.ask(stock(pharmacy, product, 3), account)
    assert (answer.lot.lot_id, answer.lot.on_hand, answer.lot.held) == (lot.lot_id, 3, 3)


async def test_stock_of_nothing(shop: Shop) -> None:
    pharmacy = await shop.pharmacy()
    account = await shop.staff(pharmacy)
    (product,) = await shop.products(medicine())
    with refused_by(ERRORS, NOT_FOUND):
        await shop.ask(stock(pharmacy, str(uuid4()), 1), account)
    with refused_by(ERRORS, INVALID):
        await shop.ask(stock(pharmacy, product, 1, expiry_date="2027-02-29"), account)


async def test_the_last_packs_of_two_lots_held_at_once_leave_nothing_in_stock(shop: Shop) -> None:
    pharmacy = await shop.pharmacy()
    (product,) = await shop.products(medicine())
    await shop.offer(pharmacy, product, packs=0)
    account = await shop.staff(pharmacy)
    lots = [(await shop.ask(stock(pharmacy, product, 1, lot_number=number), account)).lot for number in ("1", "2")]

    async def hold(lot: pb.StockLot, packs: int) -> None:
        async with shop.database.transaction() as session:
            await session.exec(update(LotRow).where(col(LotRow.lot_id) == UUID(lot.lot_id)).values(held=packs))

    for turn in range(10):
        await asyncio.gather(*(hold(lot, 1) for lot in lots))
        assert await _in_stock_until(shop, product) is None, turn
        await asyncio.gather(*(hold(lot, 0) for lot in lots))
        assert await _in_stock_until(shop, product) is not None, turn


async def test_a_first_offer_and_a_first_lot_at_once_are_in_stock(shop: Shop) -> None:
    pharmacy = await shop.pharmacy()
    account = await shop.staff(pharmacy)
    for product in await shop.products(*(medicine() for _ in range(10))):
        requests = offers(pharmacy, (product, yuan(1))), stock(pharmacy, product, 1)
        await asyncio.gather(*(shop.ask(request, account) for request in requests))
        assert await _in_stock_until(shop, product) is not None


async def _in_stock_until(shop: Shop, product: str) -> object:
    async with shop.database.transaction() as session:
        query = select(OfferRow).where(OfferRow.product_id == UUID(product))
        return (await session.exec(query)).one().in_stock_until


async def test_a_repeat_is_answered_as_before(shop: Shop) -> None:
    pharmacy = await shop.pharmacy()
    account = await shop.staff(pharmacy)
    (product,) = await shop.products(medicine())
    request = stock(pharmacy, product, 5)
    first = await shop.ask(request, account)
    await shop.ask(stock(pharmacy, product, 9), account)
    assert await shop.ask(request, account) == first
    request.on_hand = 6
    with refused_by(ERRORS, Reason.REASON_REQUEST_ID_REUSED):
        await shop.ask(request, account)


async def test_a_pharmacy_is_replaced_but_keeps_its_ratings(shop: Shop) -> None:
    content = drugstore(name="旧")
    request = pb.PutPharmacyRequest(pharmacy_id=str(uuid4()), content=content)
    await shop.ask(request)
    async with shop.database.transaction() as session:
        row = await session.get_one(PharmacyRow, UUID(request.pharmacy_id))
        row.rating_sum, row.rating_count = 9, 2
    content.name = "新"
    answer = await shop.ask(pb.PutPharmacyRequest(pharmacy_id=request.pharmacy_id, content=content))
    assert (answer.pharmacy.content.name, answer.pharmacy.rating_average) == ("新", 4.5)
    told, shown = content, answer.pharmacy.content
    assert len(shown.delivery_area.polygon.corners) > 8
    told.ClearField("delivery_area")
    shown.ClearField("delivery_area")
    assert shown == told


async def test_a_pharmacy_that_is_none_is_refused(shop: Shop) -> None:
    line = Polygon(corners=[HERE, HERE, Position(latitude=31, longitude=121)])
    backwards = OpeningHours(intervals=[OpeningInterval(weekday=1, opens_minute=600, closes_minute=600)])
    for told in (
        {"time_zone": "Asia/Atlantis"},
        {"licence_expiry_date": "2030-02-30"},
        {"hours": backwards},
        {"delivery_area": DeliveryArea(polygon=line)},
        {"delivery_base": Money(currency_code="EUR", minor_units=1)},
    ):
        with refused_by(ERRORS, INVALID):
            await shop.pharmacy(**told)
    await shop.pharmacy(licence_number="taken-1")
    with refused_by(ERRORS, Reason.REASON_ALREADY_EXISTS):
        await shop.pharmacy(licence_number="taken-1")


async def test_hours_say_when_it_opens(shop: Shop) -> None:
    hours = OpeningHours(intervals=[OpeningInterval(weekday=2, opens_minute=9 * 60, closes_minute=26 * 60)])
    pharmacy = await shop.pharmacy(hours=hours)

    async def shown() -> Any:
        return (await shop.ask(pb.GetPharmacyRequest(pharmacy_id=pharmacy))).pharmacy

    before = await shown()  # at eight o'clock
    assert not before.open_now
    assert before.next_opening_time.ToDatetime(shop.clock().tzinfo) == shop.clock() + timedelta(hours=1)
    shop.clock.advance(hours=17)  # one o'clock at night
    assert (await shown()).open_now
    shop.clock.advance(hours=1)
    assert not (await shown()).open_now


async def test_staff_are_added_once_and_listed_by_page(shop: Shop) -> None:
    pharmacy = await shop.pharmacy()
    accounts = sorted([str(await shop.staff(pharmacy)) for _ in range(3)])
    await shop.ask(pb.AddStaffRequest(pharmacy_id=pharmacy, account_id=accounts[0]))
    request = pb.ListStaffRequest(pharmacy_id=pharmacy, page_size=2)
    first = await shop.ask(request)
    request.page_token = first.next_page_token
    second = await shop.ask(request)
    assert [*first.account_ids, *second.account_ids] == accounts
    for refused in (
        pb.AddStaffRequest(pharmacy_id=str(uuid4()), account_id=accounts[0]),
        pb.RemoveStaffRequest(pharmacy_id=pharmacy, account_id=str(uuid4())),
    ):
        with refused_by(ERRORS, NOT_FOUND):
            await shop.ask(refused)


async def test_all_pharmacies_are_listed_page_by_page(shop: Shop) -> None:
    made = {await shop.pharmacy() for _ in range(3)}
    seen, token = list[str](), ""
    while True:
        page = await shop.ask(pb.ListAllPharmaciesRequest(page_size=2, page_token=token))
        seen += [each.pharmacy_id for each in page.pharmacies]
        if not (token := page.next_page_token):
            break
        assert len(page.pharmacies) == 2
    assert made <= set(seen)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("token", ["x", "WyJhIl0="])
async def test_tokens_that_are_none(shop: Shop, token: str) -> None:
    pharmacy = await shop.pharmacy()
    account = await shop.staff(pharmacy)
    for request in (
        pb.ListStaffRequest(pharmacy_id=pharmacy, page_token=token),
        pb.ListAllPharmaciesRequest(page_token=token),
        pb.ListStockRequest(pharmacy_id=pharmacy, page_token=token),
        pb.ListPharmaciesRequest(position=HERE, page_token=token),
        pb.SearchProductsRequest(position=HERE, page_token=token),
    ):
        with refused_by(ERRORS, Reason.REASON_INVALID_PAGE_TOKEN):
            await shop.ask(request, account)
