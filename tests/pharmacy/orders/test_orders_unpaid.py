"""One buyer holds so many packs without paying, and no more."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import REASON_TOO_MANY
from apricot.pharmacy.v1 import order_pb2 as pb

from services.pharmacy import life
from services.pharmacy.domain.holding import UNPAID_PER_BUYER, TooManyUnpaidError
from services.pharmacy.domain.orders import State
from services.pharmacy.store import orders
from tests.pharmacy.orders.shop import Shop, new_id, refused


async def _placed(shop: Shop) -> list[pb.Order]:
    """As many as may wait for payment."""
    return [await shop.place() for _ in range(UNPAID_PER_BUYER)]


async def _pay(shop: Shop, order: pb.Order) -> None:
    async with shop.database.transaction() as session:
        row = await orders.lock_order(session, UUID(order.order_id))
        assert row is not None
        await life.paid(session, row, shop.clock.now)


async def _cancel(shop: Shop, order: pb.Order) -> None:
    await shop.cancel(order)


async def _expire(shop: Shop, order: pb.Order) -> None:
    await shop.execute(
        "update medicine_order set due_time = $2 where order_id = $1", UUID(order.order_id), shop.clock.now
    )
    await shop.timer.do_due()
    assert State((await shop.get(order)).state) is State.EXPIRED


async def test_the_sixth_holds_nothing(shop: Shop) -> None:
    await _placed(shop)
    quote = await shop.quote()
    with refused(REASON_TOO_MANY):
        await shop.place(quote)
    assert await shop.held_packs() == (10, 5)
    assert await shop.fetch("select from medicine_order where order_id = $1", UUID(quote.quote_id)) == []
    assert await shop.place(by=uuid4())  # another buyer's are counted apart


@pytest.mark.parametrize("end", [_pay, _cancel, _expire])
async def test_another_goes_through_when_one_waits_no_more(
    shop: Shop, end: Callable[[Shop, pb.Order], Awaitable[None]]
) -> None:
    placed, quote, request_id = await _placed(shop), await shop.quote(), new_id()
    with refused(REASON_TOO_MANY):
        await shop.place(quote, request_id=request_id)
    await end(shop, placed[2])
    assert await shop.place(quote, request_id=request_id)  # the same call, repeated
    with refused(REASON_TOO_MANY):
        await shop.place()


async def test_a_repeat_gets_its_first_answer_though_no_more_may_be_placed(shop: Shop) -> None:
    quote, request_id = await shop.quote(), new_id()
    first = await shop.place(quote, request_id=request_id)
    for _ in range(UNPAID_PER_BUYER - 1):
        await shop.place()
    assert await shop.place(quote, request_id=request_id) == first


async def test_one_on_a_prescription_counts_and_claims_nothing_where_it_is_too_many(shop: Shop) -> None:
    prescription = await shop.prescribe()
    quote = await shop.quote(shop.wanted(item=1), **prescription)
    placed = await _placed(shop)
    with refused(REASON_TOO_MANY):
        await shop.place(quote)
    assert await shop.fetch("select from prescription_claim where order_id = $1", UUID(quote.quote_id)) == []
    await shop.cancel(placed[0])
    assert (await shop.place(quote)).needs_review
    with refused(REASON_TOO_MANY):
        await shop.place()


async def test_many_of_one_buyer_at_once_are_exactly_so_many(shop: Shop) -> None:
    """In two processes, of two shelves, and some on prescriptions, which are placed one by one."""
    other = await shop.sell(uuid4())
    await shop.stock(30)
    await shop.stock(30, product=other)
    quotes = [await shop.quote(shop.wanted(1, product)) for product in (shop.product, other) for _ in range(9)]
    quotes += [await shop.quote(shop.wanted(item=1), **(await shop.prescribe())) for _ in range(6)]
    outcomes = await _rush(shop, quotes)
    assert Counter(outcomes) == {"placed": UNPAID_PER_BUYER, "too many": len(quotes) - UNPAID_PER_BUYER}
    (row,) = await shop.fetch("select count(*) from medicine_order where patient_id = $1", shop.buyer)
    assert row["count"] == UNPAID_PER_BUYER
    assert (await shop.held_packs())[1] == UNPAID_PER_BUYER


async def _rush(shop: Shop, quotes: Sequence[pb.Quote]) -> list[str]:
    replicas = shop.orders, Shop(shop.database).orders

    async def place(number: int, quote: pb.Quote) -> str:
        request = pb.PlaceOrderRequest(request_id=new_id(), quote_id=quote.quote_id)
        try:
            await replicas[number % 2].PlaceOrder(request, shop.call("PlaceOrder"))
        except TooManyUnpaidError:
            return "too many"
        return "placed"

    return await asyncio.gather(*(place(number, quote) for number, quote in enumerate(quotes)))
