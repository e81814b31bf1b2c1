"""Where an order may go by what its buyer, its pharmacy and time do: the table, and nothing beside it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from apricot.errors.v1.reason_pb2 import (
    REASON_ALREADY_EXISTS,
    REASON_NOT_ALLOWED,
    REASON_NOT_FOUND,
    REASON_OUTSIDE_POLICY,
    REASON_WRONG_STATE,
)
from apricot.pharmacy.v1 import order_pb2 as pb

from kit.times import to_datetime
from services.pharmacy import life
from services.pharmacy.domain.orders import (
    CONSEQUENCES,
    DEADLINES,
    TRANSITIONS,
    Act,
    Consequence,
    State,
    WrongStateError,
)
from services.pharmacy.store import orders
from services.pharmacy.store.stock import Hold
from tests.pharmacy.orders.shop import Shop, new_id, refused


async def _pack(shop: Shop, order: pb.Order) -> pb.Order:
    return (await shop.pack(order)).order


DEEDS: dict[Act, Callable[[Shop, pb.Order], Awaitable[pb.Order]]] = {
    Act.CANCEL: Shop.cancel,
    Act.ASK_RETURN: Shop.ask_return,
    Act.PACK: _pack,
    Act.REFUSE: Shop.refuse,
    Act.ACCEPT_RETURN: Shop.accept_return,
    Act.DECLINE_RETURN: Shop.decline_return,
}
"""What buyers and staff do; the rest is other parts' and time's."""


@pytest.mark.parametrize("act", DEEDS, ids=lambda act: act.name)
@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
async def test_each_deed_in_each_state(shop: Shop, state: State, act: Act) -> None:
    order = await shop.placed(state)
    shop.clock.advance(minutes=1)
    if (state, act) not in TRANSITIONS:
        with refused(REASON_WRONG_STATE):
            await DEEDS[act](shop, order)
        assert await shop.get(order) == order
        return
    moved = await DEEDS[act](shop, order)
    assert State(moved.state) is TRANSITIONS[state, act]
    stored = await shop.get(moved)
    stored.hand_over_code = ""  # for the buyer's eyes alone
    assert stored == moved
    assert [Act(step.act) for step in moved.steps[len(order.steps) :]] == [act]
    assert moved.HasField("end_time") is not State(moved.state).is_open
    gives_back = Consequence.RELEASE_STOCK in CONSEQUENCES.get((state, act), ())
    assert await shop.held_packs() == (10, 0 if gives_back else 1)
    assert (await shop.told(order))[-1] == act


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
async def test_what_is_not_in_the_table_cannot_be(shop: Shop, state: State) -> None:
    order = await shop.placed(state)
    for act in Act:
        if (state, act) in TRANSITIONS:
            continue
        async with shop.database.transaction() as session:
            row = await orders.lock_order(session, UUID(order.order_id))
            assert row is not None
            with pytest.raises(WrongStateError):
                await life.move(session, row, act, None, shop.clock.now)
    assert await shop.get(order) == order


@pytest.mark.parametrize("state", DEADLINES, ids=lambda state: state.name)
async def test_time_moves_it_at_its_instant_and_not_before(shop: Shop, state: State) -> None:
    order = await shop.placed(state)
    wait, act = DEADLINES[state]
    shop.clock.now += wait - timedelta(microseconds=1)
    await shop.timer.do_due()
    assert await shop.get(order) == order
    shop.clock.now += timedelta(microseconds=1)
    await shop.timer.do_due()
    moved = await shop.get(order)
    assert State(moved.state) is TRANSITIONS[state, act]
    last = moved.steps[-1]
    assert (Act(last.act), last.actor_id, to_datetime(last.time)) == (act, "", shop.clock.now)
    await shop.timer.do_due()
    assert await shop.get(order) == moved


@pytest.mark.parametrize("state", [each for each in State if each not in DEADLINES], ids=lambda state: state.name)
async def test_time_leaves_alone_what_has_ended(shop: Shop, state: State) -> None:
    order = await shop.placed(state)
    shop.clock.advance(days=1000)
    await shop.timer.do_due()
    assert await shop.get(order) == order


async def test_stock_is_held_for_a_quarter_of_an_hour(shop: Shop) -> None:
    order = await shop.placed(quantity=10)
    shop.clock.advance(minutes=14, seconds=59)
    await shop.timer.do_due()
    assert await shop.held_packs() == (10, 10)
    shop.clock.advance(seconds=1)
    await shop.timer.do_due()
    assert await shop.held_packs() == (10, 0)
    assert [hold[2] for hold in await shop.holds(order)] == [Hold.RELEASED]
    (push,) = await shop.fetch("select account_id from push where reference_id = $1", UUID(order.order_id))
    assert push["account_id"] == shop.buyer
    assert await shop.placed(quantity=10)


async def test_what_changed_meanwhile_is_left_alone_by_time(shop: Shop) -> None:
    """It was paid at the last instant: its time is another one now."""
    order = await shop.placed()
    shop.clock.advance(minutes=14)
    prepared = await shop.put(order, State.PREPARING)
    shop.clock.advance(minutes=1)
    await shop.timer.do_due()
    assert await shop.get(order) == prepared


async def test_what_somebody_holds_is_left_out_by_time(shop: Shop) -> None:
    held, other = await shop.placed(), await shop.placed()
    shop.clock.advance(minutes=15)
    async with shop.database.transaction() as session:
        row = await orders.lock_order(session, UUID(held.order_id))
        assert row is not None
        await shop.timer.do_due()
        assert State((await shop.get(other)).state) is State.EXPIRED
        await life.paid(session, row, shop.clock.now)
    await shop.timer.do_due()
    assert State((await shop.get(held)).state) is State.PREPARING


async def test_one_that_cannot_be_moved_holds_up_no_other_and_stays_as_it_was(shop: Shop) -> None:
    broken, others = await shop.placed(), [await shop.placed() for _ in range(2)]
    await shop.execute("update stock_lot set held = 0 where pharmacy_id = $1", shop.pharmacy)  # a fault of ours
    shop.clock.advance(minutes=15)
    await shop.timer.do_due()
    assert [await shop.get(order) for order in (broken, *others)] == [broken, *others]
    await shop.execute("update stock_lot set held = 2 where pharmacy_id = $1", shop.pharmacy)
    await shop.timer.do_due()
    states = [State((await shop.get(order)).state) for order in (broken, *others)]
    assert sorted(states) == [State.AWAITING_PAYMENT, State.EXPIRED, State.EXPIRED]
    assert await shop.held_packs() == (10, 0)
    await shop.execute("update stock_lot set held = 1 where pharmacy_id = $1", shop.pharmacy)
    await shop.timer.do_due()
    assert await shop.held_packs() == (10, 0)
    assert len(await shop.fetch("select from medicine_order where due_time <= $1", shop.clock.now)) == 0


async def test_what_is_picked_up_has_left_the_shelf(shop: Shop) -> None:
    order = await shop.placed(State.READY, quantity=3)
    async with shop.database.transaction() as session:
        row = await orders.lock_order(session, UUID(order.order_id))
        assert row is not None
        await life.move(session, row, Act.PICK_UP, None, shop.clock.now)
    assert await shop.held_packs() == (7, 0)
    assert [hold[2] for hold in await shop.holds(order)] == [Hold.TAKEN]


@pytest.mark.parametrize(("seconds", "is_in_time"), [(-1, True), (0, False)])
async def test_a_week_to_give_it_back(shop: Shop, seconds: int, is_in_time: bool) -> None:
    order = await shop.placed(State.DELIVERED)
    until = shop.clock.now + timedelta(days=7)
    shop.clock.now = until + timedelta(seconds=seconds)
    if is_in_time:
        given_back = await shop.ask_return(order)
        assert given_back.return_reason == pb.RETURN_REASON_DAMAGED
        assert given_back.steps[-1].note == "破损"
    else:
        with refused(REASON_OUTSIDE_POLICY, until=until.isoformat()):
            await shop.ask_return(order)


async def test_the_week_begins_with_the_delivery_though_a_return_was_declined(shop: Shop) -> None:
    order = await shop.placed(State.DELIVERED)
    until = shop.clock.now + timedelta(days=7)
    shop.clock.advance(days=3)
    await shop.ask_return(order)
    shop.clock.advance(days=1)
    assert (await shop.decline_return(order)).steps[-1].note == "完好"
    shop.clock.now = until
    with refused(REASON_OUTSIDE_POLICY, until=until.isoformat()):
        await shop.ask_return(order)


async def test_a_delivered_order_is_rated_once(shop: Shop) -> None:
    order, courier = await shop.placed(State.DELIVERED), uuid4()
    await shop.execute("update medicine_order set courier_id = $2 where order_id = $1", UUID(order.order_id), courier)
    rated = await shop.rate(order, stars=4)
    assert (rated.rating.pharmacy_stars, rated.rating.courier_stars, rated.rating.words) == (4, 5, "好")
    assert await shop.get(order) == rated
    with refused(REASON_ALREADY_EXISTS):
        await shop.rate(order)
    await shop.rate(await shop.placed(State.DELIVERED), stars=1)
    (pharmacy,) = await shop.fetch(
        "select rating_sum, rating_count from pharmacy where pharmacy_id = $1", shop.pharmacy
    )
    assert tuple(pharmacy) == (5, 2)
    (stored,) = await shop.fetch("select courier_stars from order_rating where courier_id = $1", courier)
    assert stored["courier_stars"] == 5


@pytest.mark.parametrize("state", [each for each in State if each is not State.DELIVERED], ids=lambda state: state.name)
async def test_nothing_else_is_rated(shop: Shop, state: State) -> None:
    order = await shop.placed(state)
    with refused(REASON_WRONG_STATE):
        await shop.rate(order)
    assert await shop.fetch("select from order_rating where order_id = $1", UUID(order.order_id)) == []


@pytest.mark.parametrize("deed", [Shop.cancel, Shop.ask_return, Shop.rate], ids=lambda deed: deed.__name__)
async def test_what_is_the_buyers_to_do_is_nobody_elses(
    shop: Shop, deed: Callable[[Shop, pb.Order, UUID], Awaitable[pb.Order]]
) -> None:
    order = await shop.placed(State.DELIVERED)
    with refused(REASON_NOT_FOUND):
        await deed(shop, order, uuid4())
    assert await shop.get(order) == order


async def test_staff_may_see_it_and_not_do_what_is_the_buyers(shop: Shop) -> None:
    order = await shop.placed()
    call = shop.staff_call("PackOrder")
    request = pb.CancelOrderRequest(request_id=new_id(), order_id=order.order_id)
    with refused(REASON_NOT_ALLOWED):
        await shop.orders.CancelOrder(request, call)


async def test_a_repeated_cancellation_is_one(shop: Shop) -> None:
    order, request_id = await shop.placed(quantity=2), new_id()
    cancelled = await shop.cancel(order, request_id=request_id)
    assert await shop.cancel(order, request_id=request_id) == cancelled
    assert len((await shop.get(order)).steps) == 2
    assert await shop.held_packs() == (10, 0)


@pytest.mark.parametrize("state", [State.PREPARING, State.READY, State.ON_THE_WAY, State.DELIVERED])
async def test_nothing_on_a_prescription_is_packed_before_it_is_approved(shop: Shop, state: State) -> None:
    """Whatever the code does: the database refuses it."""
    quote = await shop.quote(shop.wanted(item=1), **(await shop.prescribe()))
    order = await shop.place(quote)
    with pytest.raises(asyncpg.CheckViolationError):
        await shop.put(order, state)
    await shop.execute("update medicine_order set approved = true where order_id = $1", UUID(order.order_id))
    assert State((await shop.put(order, state)).state) is state


async def test_no_more_is_held_than_there_is_whatever_the_code_does(shop: Shop) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await shop.execute("update stock_lot set held = on_hand + 1 where pharmacy_id = $1", shop.pharmacy)


async def test_the_buyers_list_is_paged_the_newest_first(shop: Shop) -> None:
    placed = []
    for _ in range(5):
        shop.clock.advance(seconds=1)
        placed.append(await shop.placed())
    await shop.cancel(placed[1])
    for open_only, expected in (False, placed[::-1]), (True, [placed[n] for n in (4, 3, 2, 0)]):
        found: list[pb.Order] = []
        token = ""
        while True:
            request = pb.ListOrdersRequest(page_size=2, page_token=token, open_only=open_only)
            page = await shop.orders.ListOrders(request, shop.call("ListOrders"))
            found += page.orders
            if not (token := page.next_page_token):
                break
        assert [order.order_id for order in found] == [order.order_id for order in expected]
    assert not (await shop.orders.ListOrders(pb.ListOrdersRequest(), shop.call("ListOrders", uuid4()))).orders


async def test_old_quotes_are_forgotten(shop: Shop) -> None:
    quote = await shop.quote()
    query = "select from quote where quote_id = $1"
    shop.clock.advance(hours=24)
    await shop.timer.do_due()
    assert await shop.fetch(query, UUID(quote.quote_id))
    shop.clock.advance(minutes=11)
    await shop.timer.do_due()
    assert not await shop.fetch(query, UUID(quote.quote_id))
