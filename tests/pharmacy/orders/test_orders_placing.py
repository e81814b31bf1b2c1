"""Orders are placed: what they hold, what they cost, and who gets what when many come at once."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import (
    REASON_ALREADY_EXISTS,
    REASON_LICENCE_EXPIRED,
    REASON_NOT_FOUND,
    REASON_OUT_OF_STOCK,
    REASON_OUTSIDE_POLICY,
    REASON_PRESCRIPTION_REQUIRED,
    REASON_PRESCRIPTION_USED,
    REASON_PRICE_CHANGED,
    REASON_REQUEST_ID_REUSED,
)
from apricot.pharmacy.v1 import order_pb2 as pb

from kit.errors import ApricotError
from kit.times import to_datetime
from services.pharmacy.domain.geography import Position, about
from services.pharmacy.domain.holding import UNPAID_PER_BUYER, OutOfStockError
from services.pharmacy.domain.orders import Act, State
from services.pharmacy.rpc.errors import ERRORS
from services.pharmacy.rpc.ordering import make_ready
from services.pharmacy.store.order_tables import OrderRow
from services.pharmacy.store.placement import place
from services.pharmacy.store.quotes import Quotes
from services.pharmacy.store.stock import Hold
from tests.pharmacy.orders.shop import DOOR, LAST_DAY, PRICE, Shop, new_id, refused


async def test_a_placed_order_waits_for_payment(shop: Shop) -> None:
    quote = await shop.quote(shop.wanted(2))
    order = await shop.place(quote)
    assert State(order.state) is State.AWAITING_PAYMENT
    assert order.order_id == quote.quote_id
    assert order.total == quote.total
    assert order.address == quote.address
    assert order.items == quote.items
    assert to_datetime(order.due_time) == shop.clock.now + timedelta(minutes=15)
    assert [(step.sequence, Act(step.act), step.actor_id) for step in order.steps] == [(1, Act.PLACE, str(shop.buyer))]
    assert await shop.get(order) == order
    assert await shop.told(order) == [Act.PLACE]
    assert await shop.held_packs() == (10, 2)
    async with shop.database.transaction() as session:
        assert (await session.get_one(OrderRow, UUID(order.order_id))).buyer_name == "小杏"


async def test_only_about_where_it_goes_lies_open_and_only_until_it_ends(shop: Shop) -> None:
    async def place() -> Position:
        async with shop.database.transaction() as session:
            row = await session.get_one(OrderRow, UUID(order.order_id))
            return Position(row.latitude, row.longitude)

    order = await shop.place()
    assert await place() == about(Position(DOOR.latitude, DOOR.longitude))
    assert (await shop.cancel(order)).address.position == DOOR
    assert await place() == Position(0, 0)


async def test_what_expires_first_is_held_first(shop: Shop) -> None:
    later, sooner = await shop.stock(3, date(2027, 5, 1)), await shop.stock(2, date(2027, 4, 1))
    order = await shop.place(await shop.quote(shop.wanted(7)))
    held = await shop.holds(order)
    assert held[:2] == [(sooner, 2, Hold.HELD), (later, 3, Hold.HELD)]
    assert held[2][1:] == (2, Hold.HELD)
    assert await shop.shelf(sooner) == (2, 2)


async def test_what_has_expired_is_never_held(shop: Shop) -> None:
    """Though it was fine when the quote was made."""
    last_day = await shop.stock(5, date(2026, 11, 24))
    shop.clock.now = datetime(2026, 11, 24, 15, 55, tzinfo=UTC)
    in_time, quote = await shop.place(await shop.quote(shop.wanted(2))), await shop.quote(shop.wanted(11))
    assert await shop.holds(in_time) == [(last_day, 2, Hold.HELD)]
    shop.clock.now = datetime(2026, 11, 24, 16, tzinfo=UTC)
    with refused(REASON_OUT_OF_STOCK, product_id=str(shop.product), available="10"):
        await shop.place(quote)
    assert await shop.held_packs() == (15, 2)


async def test_a_quote_has_its_time(shop: Shop) -> None:
    in_time, too_late = await shop.quote(), await shop.quote()
    shop.clock.advance(minutes=9, seconds=59)
    assert await shop.place(in_time)
    shop.clock.advance(seconds=1)
    with refused(REASON_OUTSIDE_POLICY, until="2026-11-24T00:10:00+00:00"):
        await shop.place(too_late)


@pytest.mark.parametrize(
    "change",
    [
        "update offer set price_minor = price_minor - 1 where pharmacy_id = $1",
        "delete from offer where pharmacy_id = $1",
        "update pharmacy set delivery_base_minor = 501 where pharmacy_id = $1",
        "update pharmacy set delivery_per_km_minor = 102 where pharmacy_id = $1",
    ],
)
async def test_another_price_needs_another_quote(shop: Shop, change: str) -> None:
    quote = await shop.quote()
    await shop.execute(change, shop.pharmacy)
    with refused(REASON_PRICE_CHANGED):
        await shop.place(quote)
    assert await shop.held_packs() == (10, 0)


async def test_a_pharmacy_that_closed_since(shop: Shop) -> None:
    quote = await shop.quote()
    await shop.execute("update pharmacy set open_for_orders = false where pharmacy_id = $1", shop.pharmacy)
    with refused(REASON_OUTSIDE_POLICY):
        await shop.place(quote)


async def test_a_pharmacy_whose_licence_ends_between_quote_order_and_packing(shop: Shop) -> None:
    """At midnight where it is. Who has paid gets it all back."""
    await shop.execute("update pharmacy set licence_expiry_date = '2026-11-24' where pharmacy_id = $1", shop.pharmacy)
    shop.clock.now = datetime(2026, 11, 24, 15, 55, tzinfo=UTC)
    paid, quote = await shop.put(await shop.place(), State.PREPARING), await shop.quote()
    shop.clock.now = datetime(2026, 11, 24, 16, tzinfo=UTC)
    with refused(REASON_LICENCE_EXPIRED):
        await shop.place(quote)
    with refused(REASON_LICENCE_EXPIRED):
        await shop.pack(paid)
    assert await shop.held_packs() == (10, 1)
    assert await shop.get(paid) == paid
    assert State((await shop.refuse(paid)).state) is State.CANCELLED


async def test_who_has_ordered_gets_it_though_the_pharmacy_takes_no_more_and_sells_it_no_longer(shop: Shop) -> None:
    order = await shop.put(await shop.place(), State.PREPARING)
    await shop.execute("update pharmacy set open_for_orders = false, hours = '' where pharmacy_id = $1", shop.pharmacy)
    await shop.execute("delete from offer where pharmacy_id = $1", shop.pharmacy)
    assert State((await shop.pack(order)).order.state) is State.READY


async def test_somebody_elses_quote_is_none(shop: Shop) -> None:
    quote = await shop.quote()
    with refused(REASON_NOT_FOUND):
        await shop.place(quote, by=uuid4())
    with refused(REASON_NOT_FOUND):
        await shop.place(pb.Quote(quote_id=new_id()))


async def test_a_repeat_gets_the_first_answer_whatever_has_become_of_it(shop: Shop) -> None:
    quote, request_id = await shop.quote(), new_id()
    order = await shop.place(quote, request_id=request_id)
    assert await shop.place(quote, request_id=request_id) == order
    await shop.cancel(order)
    shop.clock.advance(days=2)
    await shop.timer.do_due()
    assert await shop.place(quote, request_id=request_id) == order
    assert await shop.held_packs() == (10, 0)
    with refused(REASON_REQUEST_ID_REUSED):
        await shop.place(await shop.quote(), request_id=request_id)


async def test_a_quote_is_ordered_once(shop: Shop) -> None:
    quote = await shop.quote()
    await shop.place(quote)
    with refused(REASON_ALREADY_EXISTS):
        await shop.place(quote)
    assert await shop.held_packs() == (10, 1)


async def test_the_same_sent_many_times_at_once_is_one_order(shop: Shop) -> None:
    quote, request_id = await shop.quote(), new_id()
    orders = await asyncio.gather(*(shop.place(quote, request_id=request_id) for _ in range(8)))
    assert all(order == orders[0] for order in orders)
    assert await shop.held_packs() == (10, 1)


async def test_many_at_once_each_by_itself(shop: Shop) -> None:
    """Some are too large for what is left, one has no quote, one quote is ordered twice: the others get theirs."""
    quotes = [await shop.quote(shop.wanted(packs), by=uuid4()) for packs in (3, 8, 3, 9, 3, 1, 1)]
    buyers = await _buyers(shop, quotes)
    tries = [_outcome(shop, quote, buyer) for quote, buyer in zip(quotes, buyers, strict=True)]
    tries += [_outcome(shop, quotes[0], buyers[0]), _outcome(shop, quotes[1], uuid4())]
    outcomes = await asyncio.gather(*tries)
    assert outcomes[1:7] == [
        REASON_OUT_OF_STOCK,
        None,
        REASON_OUT_OF_STOCK,
        None,
        None,
        REASON_OUT_OF_STOCK,
    ]
    again = {outcomes[0], outcomes[7]} - {None}
    assert again in ({REASON_ALREADY_EXISTS}, {REASON_OUT_OF_STOCK})  # as long as there is enough, or behind it
    assert outcomes[8] == REASON_NOT_FOUND
    assert await shop.held_packs() == (10, 10)


async def test_around_midnight_one_group_has_two_days(shop: Shop) -> None:
    """What expires with the first one's day is held for neither, and nothing is counted twice."""
    await shop.stock(5, date(2026, 11, 24))
    shop.clock.now = datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)
    group, quotes = [], [await shop.quote(shop.wanted(packs)) for packs in (1, 12)]
    for quote in quotes:
        found = await Quotes(shop.database).find(shop.buyer, UUID(quote.quote_id))
        assert found is not None
        group.append(make_ready(shop.buyer, found, quote, shop.database.sealing, shop.clock.now)[0])
        shop.clock.advance(seconds=1)
    async with shop.database.connection() as connection, connection.transaction():
        await place(connection, group, UNPAID_PER_BUYER)
    assert group[0].error is None
    assert isinstance(short := group[1].error, OutOfStockError)
    assert short.available == 9
    (held,) = await shop.fetch(
        "select expiry_date from stock_hold join stock_lot using (lot_id) where order_id = $1", group[0].order.order_id
    )
    assert held["expiry_date"] == LAST_DAY


async def test_two_medicines_are_held_together_or_not_at_all(shop: Shop) -> None:
    other = await shop.sell(uuid4())
    await shop.stock(1, product=other)
    one, late = await shop.quote(shop.wanted(1, other)), await shop.quote(shop.wanted(2), shop.wanted(1, other))
    await shop.place(one)
    with refused(REASON_OUT_OF_STOCK, product_id=str(other), available="0"):
        await shop.place(late)
    assert await shop.held_packs() == (11, 1)


async def test_an_order_on_a_prescription_holds_and_claims_it(shop: Shop) -> None:
    tablets = await shop.sell(uuid4(), prescription_only=True)
    await shop.stock(4, product=tablets)
    prescription = await shop.prescribe(packs=2)
    items = shop.wanted(2, tablets, item=1), shop.wanted(1)  # and something else that needs none
    first, second = await shop.quote(*items, **prescription), await shop.quote(*items, **prescription)
    request_id = new_id()
    order = await shop.place(first, request_id=request_id)
    assert order.needs_review
    assert not order.approved
    assert order.prescription_id == prescription["prescription_id"]
    assert await shop.place(first, request_id=request_id) == order
    assert await shop.told(order) == [Act.PLACE]
    with refused(REASON_PRESCRIPTION_USED):
        await shop.place(second)
    assert await shop.held_packs() == (14, 3)
    await shop.cancel(order)
    assert await shop.place(second)
    assert await shop.held_packs() == (14, 3)


async def test_one_prescription_is_one_order_however_many_come_at_once(shop: Shop) -> None:
    prescription = await shop.prescribe()
    quotes = [await shop.quote(shop.wanted(item=1), **prescription) for _ in range(5)]
    outcomes = await asyncio.gather(*(_outcome(shop, quote, shop.buyer) for quote in quotes))
    assert Counter(outcomes) == {None: 1, REASON_PRESCRIPTION_USED: 4}
    assert await shop.held_packs() == (10, 1)


async def test_an_order_on_a_prescription_is_placed_once(shop: Shop) -> None:
    quote, request_id = await shop.quote(shop.wanted(item=1), **(await shop.prescribe())), new_id()
    orders = await asyncio.gather(*(shop.place(quote, request_id=request_id) for _ in range(4)))
    assert all(order == orders[0] for order in orders)
    with refused(REASON_ALREADY_EXISTS):
        await shop.place(quote)
    assert await shop.held_packs() == (10, 1)


async def test_an_order_on_a_prescription_is_short_too(shop: Shop) -> None:
    prescription = await shop.prescribe(packs=8)
    quote = await shop.quote(shop.wanted(8, item=1), **prescription)
    await shop.place(await shop.quote(shop.wanted(3)))
    with refused(REASON_OUT_OF_STOCK, product_id=str(shop.product), available="7"):
        await shop.place(quote)
    assert await shop.fetch("select from prescription_claim where order_id = $1", UUID(quote.quote_id)) == []


async def test_no_more_than_was_prescribed(shop: Shop) -> None:
    quote = await shop.quote(shop.wanted(3, item=1), **(await shop.prescribe(packs=2)))
    with refused(REASON_PRESCRIPTION_REQUIRED):
        await shop.place(quote)
    assert await shop.held_packs() == (10, 0)


async def test_prices_stay_as_they_were_ordered(shop: Shop) -> None:
    order = await shop.place()
    await shop.execute("update offer set price_minor = 1 where pharmacy_id = $1", shop.pharmacy)
    assert (await shop.get(order)).items[0].price.minor_units == PRICE


async def _buyers(shop: Shop, quotes: list[pb.Quote]) -> list[UUID]:
    rows = await shop.fetch("select quote_id, patient_id from quote")
    found = {str(row["quote_id"]): row["patient_id"] for row in rows}
    return [found[quote.quote_id] for quote in quotes]


async def _outcome(shop: Shop, quote: pb.Quote, buyer: UUID) -> int | None:
    """The reason, or None: it was placed."""
    try:
        await shop.place(quote, by=buyer)
    except ApricotError as error:
        return error.reason
    except tuple(ERRORS) as error:
        return ERRORS[type(error)]
    return None
