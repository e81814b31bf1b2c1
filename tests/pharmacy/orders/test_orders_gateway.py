"""An order through the gateway, on real processes; and a crowd before one shelf."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest
from apricot.errors.v1.reason_pb2 import REASON_NOT_FOUND, REASON_ROLE_REQUIRED, REASON_WRONG_STATE
from apricot.pharmacy.v1 import fulfilment_pb2
from apricot.pharmacy.v1 import order_pb2 as pb

from clients.sdk import ApricotError
from kit.clock import utc_now
from kit.database import Database
from services.pharmacy.domain.holding import UNPAID_PER_BUYER
from services.pharmacy.domain.orders import State
from services.pharmacy.store.pharmacy_tables import StaffRow
from stack.platform import Platform
from tests.consult.booking.crowd import gather_crowd
from tests.consult.doctors import rename
from tests.faults.load import until
from tests.people import People, Person
from tests.pharmacy.orders.rush import (
    assert_only_these_hold,
    doors,
    gather_buyers,
    insist,
    quoted,
    shop_with,
    try_to_buy,
)
from tests.pharmacy.orders.shop import Shop, address, new_id


async def _quote(buyer: Person, shop: Shop) -> pb.Quote:
    request = pb.QuoteOrderRequest(
        request_id=new_id(), pharmacy_id=str(shop.pharmacy), items=[shop.wanted()], address=address()
    )
    return (await buyer.session.orders.QuoteOrder(request)).quote


async def test_from_the_quote_to_the_parcel(pharmacy_database: Database, people: People) -> None:
    shop, buyer, pharmacist = (
        await shop_with(pharmacy_database, 3),
        await people.patient(),
        await people.new_pharmacist(),
    )
    with pytest.raises(ApricotError) as nameless:
        await _quote(buyer, shop)
    assert nameless.value.reason == REASON_WRONG_STATE
    await rename(buyer, "王小杏")
    quote = await _quote(buyer, shop)
    order = (
        await buyer.session.orders.PlaceOrder(pb.PlaceOrderRequest(request_id=new_id(), quote_id=quote.quote_id))
    ).order
    assert order.state == pb.ORDER_STATE_AWAITING_PAYMENT
    await shop.put(order, State.PREPARING)
    pack = fulfilment_pb2.PackOrderRequest(request_id=new_id(), order_id=order.order_id)
    with pytest.raises(ApricotError) as stranger:
        await pharmacist.session.fulfilment.PackOrder(pack)
    assert stranger.value.reason == REASON_NOT_FOUND
    with pytest.raises(ApricotError) as without_role:
        await buyer.session.fulfilment.PackOrder(pack)
    assert without_role.value.reason == REASON_ROLE_REQUIRED
    await shop.add(StaffRow(pharmacy_id=shop.pharmacy, account_id=UUID(pharmacist.account_id), add_time=shop.clock.now))
    packed = await pharmacist.session.fulfilment.PackOrder(pack)
    assert packed.order.state == pb.ORDER_STATE_READY
    assert [pick.quantity for pick in packed.picks] == [1]
    listed = await buyer.session.orders.ListOrders(pb.ListOrdersRequest(open_only=True))
    assert [each.order_id for each in listed.orders] == [order.order_id]


async def test_the_worker_gives_back_what_nobody_paid_for(pharmacy_database: Database, people: People) -> None:
    shop, buyer = await shop_with(pharmacy_database, 1), await people.patient()
    await rename(buyer, "王小杏")
    quote = await _quote(buyer, shop)
    request = pb.PlaceOrderRequest(request_id=new_id(), quote_id=quote.quote_id)
    order = (await buyer.session.orders.PlaceOrder(request)).order
    await shop.execute("update medicine_order set due_time = $2 where order_id = $1", UUID(order.order_id), utc_now())

    async def is_given_back() -> bool:
        return await shop.held_packs() == (1, 0)

    await until(is_given_back)
    found = (await buyer.session.orders.GetOrder(pb.GetOrderRequest(order_id=order.order_id))).order
    assert found.state == pb.ORDER_STATE_EXPIRED


async def test_twenty_at_once_of_one_buyer_are_five(platform: Platform, pharmacy_database: Database) -> None:
    shop, (buyer,) = await shop_with(pharmacy_database, 30), await gather_crowd(platform, 1)
    async with doors(platform) as stubs:
        tries = [
            try_to_buy(stubs[number % len(stubs)], one) for number, one in enumerate(await quoted(shop, [buyer] * 20))
        ]
        outcomes = await asyncio.gather(*tries)
    assert Counter(outcomes) == {"PLACED": UNPAID_PER_BUYER, "TOO_MANY": 20 - UNPAID_PER_BUYER}
    assert await shop.held_packs() == (30, UNPAID_PER_BUYER)


async def test_a_thousand_at_once_for_a_hundred_boxes(platform: Platform, pharmacy_database: Database) -> None:
    shop = await shop_with(pharmacy_database, 60, 40)
    buyers = await gather_buyers(platform, shop, 1000)
    async with doors(platform) as stubs:
        tries = [insist(stubs[number % len(stubs)], buyer) for number, buyer in enumerate(buyers)]
        outcomes = await asyncio.gather(*tries)
    await assert_only_these_hold(shop, buyers, outcomes, 100)
