"""Attempts to pay an order: begun, repeated, changed to another provider, found paid."""

import asyncio
from uuid import uuid4

import pytest
from apricot.errors.v1.reason_pb2 import (
    REASON_INVALID_FIELD,
    REASON_NOT_FOUND,
    REASON_OUTSIDE_POLICY,
    REASON_REQUEST_ID_REUSED,
    REASON_TOO_MANY,
    REASON_WRONG_STATE,
)
from apricot.pharmacy.v1 import payment_pb2 as pb

from kit.times import to_datetime
from services.pharmacy.domain.orders import PAYMENT_TIME, Act, State
from services.pharmacy.domain.payments import MOST_ATTEMPTS
from services.pharmacy.providers.port import TradeState
from services.pharmacy.rpc.errors import ERRORS
from tests.in_process import refused_by
from tests.pharmacy.money.shop import ALIPAY, SANDBOX, TOTAL, WECHAT, Shop, new_id


async def test_a_payment_begins_and_the_order_moves_when_it_is_paid(shop: Shop) -> None:
    order_id, due = await shop.order(), shop.clock.now + PAYMENT_TIME
    begun = await shop.start_whole(order_id)
    payment = begun.payment
    assert begun.handoff == f"sandbox:{payment.payment_id}"
    assert (payment.state, payment.amount.minor_units, payment.amount.currency_code) == (
        pb.PAYMENT_STATE_STARTED,
        TOTAL,
        "CNY",
    )
    assert to_datetime(payment.expire_time) == due
    payment_id = next(iter(shop.bank.trades))
    await shop.till.take("sandbox", shop.bank.pay(payment_id))
    assert await shop.state(order_id) is State.PREPARING
    (paid,) = await shop.attempts(order_id)
    assert (paid.state, paid.counted, paid.refunded.minor_units) == (pb.PAYMENT_STATE_PAID, True, 0)
    assert await shop.accounts(order_id) == {"provider_clearing": TOTAL, "order_escrow": -TOTAL}


async def test_the_same_provider_again_gives_the_payment_that_runs(shop: Shop) -> None:
    order_id = await shop.order()
    first, again = await shop.start_whole(order_id), await shop.start_whole(order_id)
    assert first == again
    assert shop.bank.asked == ["start"]


async def test_a_repeat_gets_the_first_answer_whatever_happened_since(shop: Shop) -> None:
    order_id, request_id = await shop.order(), new_id()
    first = await shop.start_whole(order_id, request_id=request_id)
    await shop.till.take("sandbox", shop.bank.pay(next(iter(shop.bank.trades))))
    assert await shop.start_whole(order_id, request_id=request_id) == first
    with refused_by(ERRORS, REASON_REQUEST_ID_REUSED):
        await shop.start_whole(order_id, ALIPAY, request_id=request_id)


async def test_two_at_once_begin_one_payment(shop: Shop) -> None:
    order_id = await shop.order()
    begun = await asyncio.gather(*(shop.start(order_id) for _ in range(5)))
    assert len(set(begun)) == 1
    assert len(shop.bank.trades) == 1


async def test_another_provider_closes_the_attempt_before(shop: Shop) -> None:
    order_id = await shop.order()
    first = await shop.start(order_id)
    second = await shop.start(order_id, ALIPAY)
    assert shop.bank.trades[first].state is TradeState.CLOSED
    assert [each.state for each in await shop.attempts(order_id)] == [pb.PAYMENT_STATE_CLOSED, pb.PAYMENT_STATE_STARTED]
    await shop.till.take("alipay", shop.banks["alipay"].pay(second))
    assert await shop.state(order_id) is State.PREPARING


async def test_another_provider_says_so_when_the_attempt_before_is_paid(shop: Shop) -> None:
    order_id = await shop.order()
    shop.bank.pay(await shop.start(order_id))  # and its callback is lost
    with refused_by(ERRORS, REASON_WRONG_STATE):
        await shop.start(order_id, ALIPAY)
    assert await shop.state(order_id) is State.PREPARING
    assert not shop.banks["alipay"].trades


async def test_a_provider_that_is_away_does_not_keep_the_buyer_from_another(shop: Shop) -> None:
    order_id = await shop.order()
    first = await shop.start(order_id)
    shop.bank.away = True
    second = await shop.start(order_id, ALIPAY)
    assert (await shop.get(first)).state == pb.PAYMENT_STATE_CLOSING
    await shop.till.take("alipay", shop.banks["alipay"].pay(second))
    shop.bank.away = False
    shop.clock.advance(minutes=1)
    await shop.work()
    assert shop.bank.trades[first].state is TradeState.CLOSED
    assert [each.state for each in await shop.attempts(order_id)] == [pb.PAYMENT_STATE_CLOSED, pb.PAYMENT_STATE_PAID]


async def test_an_answer_of_the_provider_that_was_lost_is_asked_for_again(shop: Shop) -> None:
    order_id, request_id = await shop.order(), new_id()
    shop.bank.loses_answers = True
    with pytest.raises(ConnectionError):
        await shop.start_whole(order_id, request_id=request_id)
    shop.bank.loses_answers = False
    begun = await shop.start_whole(order_id, request_id=request_id)
    assert list(map(str, shop.bank.trades)) == [begun.payment.payment_id]


async def test_what_the_provider_refuses_is_over(shop: Shop) -> None:
    order_id = await shop.order()
    shop.bank.refuses = True
    with refused_by(ERRORS, REASON_OUTSIDE_POLICY):
        await shop.start(order_id)
    assert [each.state for each in await shop.attempts(order_id)] == [pb.PAYMENT_STATE_CLOSING]
    await shop.start(order_id, ALIPAY)


async def test_an_order_that_ends_while_its_payment_begins_hands_out_nothing(shop: Shop) -> None:
    order_id = await shop.order()
    shop.bank.holding = "start"
    begun = asyncio.create_task(shop.start(order_id))
    await shop.bank.reached.wait()
    await shop.move(order_id, Act.CANCEL)
    shop.bank.gate.set()
    with refused_by(ERRORS, REASON_WRONG_STATE):
        await begun
    await shop.work()
    assert [each.state for each in shop.bank.trades.values()] == [TradeState.CLOSED]


async def test_the_buyer_alone_pays(shop: Shop) -> None:
    order_id = await shop.order()
    for other in (shop.pharmacist, shop.courier, shop.admin, uuid4()):
        with refused_by(ERRORS, REASON_NOT_FOUND):
            await shop.start(order_id, by=other)
    payment_id = await shop.start(order_id)
    for other in (shop.pharmacist, shop.admin, uuid4()):
        with refused_by(ERRORS, REASON_NOT_FOUND):
            await shop.get(payment_id, by=other)


async def test_who_may_see_what_was_paid(shop: Shop) -> None:
    order_id, _ = await shop.paid_order()
    await shop.move(order_id, Act.PACK, Act.PICK_UP)
    assert len(await shop.attempts(order_id)) == len(await shop.attempts(order_id, by=shop.pharmacist)) == 1
    assert await shop.fetch("select from outbox where subject = $1", f"apricot.pharmacy.access.used.{shop.buyer}")
    for other in (shop.courier, shop.admin, uuid4()):
        with refused_by(ERRORS, REASON_NOT_FOUND):
            await shop.attempts(order_id, by=other)


async def test_only_what_waits_for_payment_is_paid(shop: Shop) -> None:
    paid, _ = await shop.paid_order()
    cancelled, late = await shop.order(), await shop.order()
    await shop.move(cancelled, Act.CANCEL)
    shop.clock.advance(seconds=PAYMENT_TIME.total_seconds())
    for order_id in (paid, cancelled, late):
        with refused_by(ERRORS, REASON_WRONG_STATE):
            await shop.start(order_id)
    with refused_by(ERRORS, REASON_NOT_FOUND):
        await shop.start(uuid4())


async def test_a_provider_that_is_not_offered_is_refused(shop: Shop) -> None:
    with refused_by(ERRORS, REASON_INVALID_FIELD):
        await shop.start(await shop.order(), WECHAT)


async def test_one_begins_only_so_often(shop: Shop) -> None:
    order_id = await shop.order()
    for number in range(MOST_ATTEMPTS):
        await shop.start(order_id, (SANDBOX, ALIPAY)[number % 2])
    with refused_by(ERRORS, REASON_TOO_MANY):
        await shop.start(order_id, SANDBOX)


async def test_an_app_that_comes_back_sees_the_truth(shop: Shop) -> None:
    order_id = await shop.order()
    payment_id = await shop.start(order_id)
    assert (await shop.get(payment_id)).state == pb.PAYMENT_STATE_STARTED
    shop.bank.pay(payment_id)
    shop.bank.away = True
    assert (await shop.get(payment_id)).state == pb.PAYMENT_STATE_STARTED
    shop.bank.away = False
    assert (await shop.get(payment_id)).state == pb.PAYMENT_STATE_PAID
    assert await shop.state(order_id) is State.PREPARING
    before = len(shop.bank.asked)
    await shop.get(payment_id)
    assert len(shop.bank.asked) == before  # what is settled is not asked for
