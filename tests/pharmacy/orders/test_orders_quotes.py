"""What an order would be, and why it cannot be."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import (
    REASON_INVALID_FIELD,
    REASON_LICENCE_EXPIRED,
    REASON_NOT_FOUND,
    REASON_OUT_OF_STOCK,
    REASON_OUTSIDE_DELIVERY_AREA,
    REASON_OUTSIDE_POLICY,
    REASON_PRESCRIPTION_NOT_VALID,
    REASON_PRESCRIPTION_REQUIRED,
    REASON_REQUEST_ID_REUSED,
    REASON_WRONG_STATE,
)
from apricot.pharmacy.v1 import order_pb2 as pb
from apricot.pharmacy.v1.pharmacy_pb2 import OpeningHours, OpeningInterval
from apricot.pharmacy.v1.place_pb2 import Position

from kit import validation
from kit.times import to_datetime
from tests.pharmacy.orders.shop import LAST_DAY, PRICE, Shop, address, new_id, refused


async def test_a_quote_tells_what_it_costs_and_how_long_it_takes(shop: Shop) -> None:
    other = await shop.sell(uuid4(), price=100, cold_chain=True)
    await shop.stock(5, product=other)
    quote = await shop.quote(shop.wanted(2), shop.wanted(5, other))
    assert [item.price.minor_units for item in quote.items] == [PRICE, 100]
    assert quote.goods.minor_units == 2 * PRICE + 5 * 100
    assert quote.distance_metres == 1001  # 0.009 degrees of 111.2 km
    assert quote.delivery_fee.minor_units == 500 + 101  # a started fen counts
    assert quote.total.minor_units == quote.goods.minor_units + quote.delivery_fee.minor_units
    assert quote.total.currency_code == "CNY"
    assert quote.estimated_minutes == 10 + 6  # to pack, and 1.3 km at 15 km/h
    assert quote.cold_chain
    assert not quote.needs_review
    assert to_datetime(quote.expire_time) == shop.clock.now + timedelta(minutes=10)
    assert (await shop.held_packs())[1] == 0


async def test_a_repeat_is_the_same_quote(shop: Shop) -> None:
    request_id = new_id()
    first = await shop.quote(request_id=request_id)
    await shop.execute("update offer set price_minor = 1 where pharmacy_id = $1", shop.pharmacy)
    assert await shop.quote(request_id=request_id) == first
    with refused(REASON_REQUEST_ID_REUSED):
        await shop.quote(shop.wanted(2), request_id=request_id)


async def test_what_is_short_is_told(shop: Shop) -> None:
    with refused(REASON_OUT_OF_STOCK, product_id=str(shop.product), available="10"):
        await shop.quote(shop.wanted(11))
    await shop.place(await shop.quote(shop.wanted(4)))
    with refused(REASON_OUT_OF_STOCK, product_id=str(shop.product), available="6"):
        await shop.quote(shop.wanted(7))


async def test_what_has_expired_is_not_there(shop: Shop) -> None:
    """By the pharmacy's day: 16:00 UTC is midnight in Shanghai."""
    shop.clock.now = datetime(2027, 6, 30, 15, 59, 59, tzinfo=UTC)
    assert await shop.quote(shop.wanted(10))
    shop.clock.now = datetime(2027, 6, 30, 16, tzinfo=UTC)
    with refused(REASON_OUT_OF_STOCK, product_id=str(shop.product), available="0"):
        await shop.quote()
    assert date(2027, 6, 30) == LAST_DAY


async def test_outside_the_area(shop: Shop) -> None:
    with refused(REASON_OUTSIDE_DELIVERY_AREA):
        await shop.quote(address=address(Position(latitude=31.6, longitude=121.5)))


async def test_unknown_things(shop: Shop) -> None:
    with refused(REASON_NOT_FOUND):
        await shop.quote(pharmacy_id=new_id())
    with refused(REASON_NOT_FOUND):
        await shop.quote(shop.wanted(1, uuid4()))
    await shop.execute("delete from offer where pharmacy_id = $1", shop.pharmacy)
    with refused(REASON_NOT_FOUND):
        await shop.quote()


async def test_a_closed_pharmacy_tells_when_it_opens(shop: Shop) -> None:
    tuesday_from_nine = OpeningHours(intervals=[OpeningInterval(weekday=2, opens_minute=540, closes_minute=1080)])
    hours = tuesday_from_nine.SerializeToString()
    await shop.execute("update pharmacy set hours = $2 where pharmacy_id = $1", shop.pharmacy, hours)
    with refused(REASON_OUTSIDE_POLICY, **{"from": "2026-11-24T01:00:00+00:00"}):
        await shop.quote()
    shop.clock.advance(hours=1)
    assert await shop.quote()


async def test_a_pharmacy_that_takes_no_orders_or_has_no_licence(shop: Shop) -> None:
    await shop.execute("update pharmacy set open_for_orders = false where pharmacy_id = $1", shop.pharmacy)
    with refused(REASON_OUTSIDE_POLICY):
        await shop.quote()
    await shop.execute(
        "update pharmacy set open_for_orders = true, licence_expiry_date = '2026-11-23' where pharmacy_id = $1",
        shop.pharmacy,
    )
    with refused(REASON_LICENCE_EXPIRED):
        await shop.quote()


async def test_a_buyer_has_a_name(shop: Shop) -> None:
    shop.buyer_name = ""
    with refused(REASON_WRONG_STATE):
        await shop.quote()


async def test_what_needs_a_prescription(shop: Shop) -> None:
    insulin = await shop.sell(uuid4(), prescription_only=True)
    await shop.stock(5, product=insulin)
    with refused(REASON_PRESCRIPTION_REQUIRED, product_id=str(insulin)):
        await shop.quote(shop.wanted(1, insulin))
    prescription = await shop.prescribe()
    with refused(REASON_PRESCRIPTION_REQUIRED, product_id=str(insulin)):
        await shop.quote(shop.wanted(1, insulin), shop.wanted(1, item=1), **prescription)
    quote = await shop.quote(shop.wanted(1, insulin, item=1), shop.wanted(1), **prescription)
    assert quote.needs_review
    assert [item.prescription_item for item in quote.items] == [1, 0]


async def test_a_prescription_is_the_buyers_own_and_in_force(shop: Shop) -> None:
    prescription = await shop.prescribe()
    with refused(REASON_PRESCRIPTION_NOT_VALID, why="UNKNOWN"):
        await shop.quote(shop.wanted(item=1), by=uuid4(), **prescription)
    with refused(REASON_PRESCRIPTION_NOT_VALID, why="UNKNOWN"):
        await shop.quote(shop.wanted(item=1), prescription_id=new_id(), prescription_revision=1)
    with refused(REASON_PRESCRIPTION_NOT_VALID, why="REPLACED"):
        await shop.quote(shop.wanted(item=1), **(prescription | {"prescription_revision": 2}))
    shop.clock.advance(days=3)
    with refused(REASON_PRESCRIPTION_NOT_VALID, why="EXPIRED"):
        await shop.quote(shop.wanted(item=1), **prescription)


async def test_requests_that_are_not_whole(shop: Shop) -> None:
    prescription = await shop.prescribe()
    wholes: list[tuple[list[pb.WantedItem], dict[str, Any]]] = [
        ([shop.wanted(), shop.wanted(2)], {}),
        ([shop.wanted(item=1)], {}),
        ([shop.wanted()], prescription),
        ([shop.wanted(item=1)], prescription | {"prescription_revision": 0}),
        ([shop.wanted()], {"prescription_revision": 1}),
    ]
    for items, fields in wholes:
        with refused(REASON_INVALID_FIELD):
            await shop.quote(*items, **fields)


@pytest.mark.parametrize(
    ("items", "packs", "is_taken"), [(10, 20, True), (11, 1, False), (0, 1, False), (1, 21, False)]
)
def test_how_much_one_may_order(items: int, packs: int, is_taken: bool) -> None:
    request = pb.QuoteOrderRequest(request_id=new_id(), pharmacy_id=new_id(), address=address())
    for _ in range(items):
        request.items.add(product_id=new_id(), quantity=packs)
    assert bool(validation.violations(request)) is not is_taken
