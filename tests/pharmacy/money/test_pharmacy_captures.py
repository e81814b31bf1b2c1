"""What providers tell of payments: again, late, in any order, at once, and what does not fit."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from uuid import uuid4

import pytest
from apricot.pharmacy.v1 import ledger_pb2 as books_pb
from apricot.pharmacy.v1 import payment_pb2 as pb

from services.pharmacy.domain.orders import PAYMENT_TIME, Act, State, WrongStateError
from services.pharmacy.domain.payments import LAST_LOOKS, Cause, RefundState
from services.pharmacy.providers.port import TradeState
from tests.pharmacy.money.shop import ALIPAY, TOTAL, Shop

TELLINGS = "paid", "closed", "cancelled", "worker"


async def captures(shop: Shop, *orders: object) -> int:
    """How often money was booked as having come."""
    booked = await shop.fetch(
        "select from ledger_entry where event = 1 and account = 1 and order_id = any($1::uuid[])", list(orders)
    )
    return len(booked)


@pytest.mark.parametrize("order", list(permutations(TELLINGS)), ids=" ".join)
async def test_whatever_is_told_in_whichever_order_money_that_came_is_money_that_came(
    shop: Shop, order: Sequence[str]
) -> None:
    """The buyer has paid. Order and payment end alike, however the news come; of a cancelled order all goes back."""
    order_id = await shop.order()
    payment_id = await shop.start(order_id)
    paid = shop.bank.pay(payment_id)
    for telling in (*order, "paid", "closed"):
        match telling:
            case "paid":
                await shop.till.take("sandbox", paid)
            case "closed":
                await shop.till.take("sandbox", replace(paid, state=TradeState.CLOSED, reference="", pay_time=None))
            case "cancelled":
                await shop.move(order_id, Act.CANCEL)
            case "worker":
                await shop.work()
    shop.clock.advance(minutes=20)
    await shop.work()
    assert await shop.state(order_id) is State.CANCELLED
    (payment,) = await shop.attempts(order_id)
    assert (payment.state, payment.refunded.minor_units) == (pb.PAYMENT_STATE_PAID, TOTAL)
    assert [refund.state for refund in payment.refunds] == [pb.REFUND_STATE_DONE]
    assert await captures(shop, order_id) == 1
    assert await shop.accounts(order_id) == {}
    assert [each.amount_minor for each in shop.bank.refunds.values() if each.payment_id == payment_id] == [TOTAL]


async def test_the_same_callback_many_times_at_once_counts_once(shop: Shop) -> None:
    order_id = await shop.order()
    paid = shop.bank.pay(await shop.start(order_id))
    await asyncio.gather(*(shop.till.take("sandbox", paid) for _ in range(8)))
    assert await captures(shop, order_id) == 1
    assert await shop.state(order_id) is State.PREPARING
    steps = await shop.fetch("select from order_step where order_id = $1", order_id)
    assert len(steps) == 1


@pytest.mark.parametrize("turned", [False, True])
async def test_of_two_payments_one_counts_and_the_other_goes_back(shop: Shop, turned: bool) -> None:
    """The buyer pays with both, since the first provider was away when it was to be closed."""
    order_id = await shop.order()
    first = await shop.start(order_id)
    shop.bank.away = True
    second = await shop.start(order_id, ALIPAY)
    shop.bank.away = False
    told = [("sandbox", shop.bank.pay(first)), ("alipay", shop.banks["alipay"].pay(second))]
    for provider, trade in reversed(told) if turned else told:
        await shop.till.take(provider, trade)
    await shop.work()
    assert await shop.state(order_id) is State.PREPARING
    payments = await shop.attempts(order_id)
    assert [each.state for each in payments] == [pb.PAYMENT_STATE_PAID] * 2
    assert [each.counted for each in payments] == [not turned, turned]
    (back,) = [each for each in payments if not each.counted]
    assert [(each.cause, each.state) for each in back.refunds] == [(pb.REFUND_CAUSE_PAID_TWICE, pb.REFUND_STATE_DONE)]
    assert back.refunded.minor_units == TOTAL
    assert await captures(shop, order_id) == 2
    assert await shop.accounts(order_id) == {"provider_clearing": TOTAL, "order_escrow": -TOTAL}


async def test_an_order_that_is_paid_is_not_to_be_paid_again(shop: Shop) -> None:
    order_id = await shop.order()
    first = await shop.start(order_id)
    shop.bank.away = True
    second = await shop.start(order_id, ALIPAY)
    shop.bank.away = False
    await shop.till.take("sandbox", shop.bank.pay(first))
    await shop.work()
    assert shop.banks["alipay"].trades[second].state is TradeState.CLOSED
    assert [each.state for each in await shop.attempts(order_id)] == [pb.PAYMENT_STATE_PAID, pb.PAYMENT_STATE_CLOSED]


async def test_both_at_once_through_two_providers(shop: Shop) -> None:
    order_id = await shop.order()
    first = await shop.start(order_id)
    shop.bank.away = True
    second = await shop.start(order_id, ALIPAY)
    shop.bank.away = False
    await asyncio.gather(
        shop.till.take("sandbox", shop.bank.pay(first)),
        shop.till.take("alipay", shop.banks["alipay"].pay(second)),
    )
    await shop.work()
    payments = await shop.attempts(order_id)
    assert sorted(each.counted for each in payments) == [False, True]
    assert sum(each.refunded.minor_units for each in payments) == TOTAL


async def test_cancelling_pays_back_two_payments_each_once(shop: Shop) -> None:
    order_id = await shop.order()
    first = await shop.start(order_id)
    shop.bank.away = True
    second = await shop.start(order_id, ALIPAY)
    shop.bank.away = False
    await shop.till.take("sandbox", shop.bank.pay(first))
    await shop.till.take("alipay", shop.banks["alipay"].pay(second))
    await shop.move(order_id, Act.CANCEL)
    await shop.work()
    assert [each.refunded.minor_units for each in await shop.attempts(order_id)] == [TOTAL, TOTAL]
    assert await shop.accounts(order_id) == {}


async def test_a_callback_that_was_lost_is_found_by_looking(shop: Shop) -> None:
    order_id = await shop.order()
    shop.bank.pay(await shop.start(order_id))
    await shop.work()
    assert "find" not in shop.bank.asked  # not yet
    shop.clock.advance(seconds=10)
    await shop.work()
    assert await shop.state(order_id) is State.PREPARING


async def test_a_provider_that_nobody_understands_keeps_no_other_from_being_asked(shop: Shop) -> None:
    """The worker goes on: orders, payments and refunds of others hang on it."""
    lost = await shop.order()
    shop.bank.pay(await shop.start(lost))
    other = await shop.order()
    shop.banks["alipay"].pay(await shop.start(other, ALIPAY))
    shop.bank.babbles = True
    shop.clock.advance(seconds=10)
    await shop.work()
    assert await shop.state(other) is State.PREPARING
    assert await shop.state(lost) is State.AWAITING_PAYMENT
    shop.bank.babbles = False
    shop.clock.advance(seconds=20)
    await shop.work()
    assert await shop.state(lost) is State.PREPARING


async def test_looks_grow_rarer_and_end_with_the_payment(shop: Shop) -> None:
    order_id = await shop.order()
    await shop.start(order_id)
    found = []
    for second in range(0, int(PAYMENT_TIME.total_seconds()), 5):
        before = len(shop.bank.asked)
        await shop.looks.look_due()
        if len(shop.bank.asked) > before:
            found.append(second)
        shop.clock.advance(seconds=5)
    pauses = [after - before for before, after in pairwise(found)]
    assert pauses[:4] == sorted(pauses[:4])
    assert len(found) < 12
    assert PAYMENT_TIME.total_seconds() - found[-1] <= 30  # once more shortly before the end
    await shop.move(order_id, Act.EXPIRE)
    await shop.work()
    assert shop.bank.asked[-1] == "close"
    before = len(shop.bank.asked)
    for _ in range(LAST_LOOKS):
        shop.clock.advance(minutes=1)
        await shop.work()
    assert shop.bank.asked[before:] == ["find"] * LAST_LOOKS
    before = len(shop.bank.asked)
    shop.clock.advance(days=1)
    await shop.work()
    assert len(shop.bank.asked) == before


async def test_money_that_came_when_the_order_had_expired_goes_back(shop: Shop) -> None:
    order_id = await shop.order()
    payment_id = await shop.start(order_id)
    shop.bank.pay(payment_id)  # and its callback is under way
    shop.clock.advance(minutes=15)
    await shop.move(order_id, Act.EXPIRE)
    await shop.work()  # closes it, hears that it is paid, asks, takes the money, and gives it back
    assert shop.bank.asked[-3:] == ["close", "find", "refund"]
    assert await shop.state(order_id) is State.EXPIRED
    (payment,) = await shop.attempts(order_id)
    assert not payment.counted
    assert [(each.cause, each.state, each.amount.minor_units) for each in payment.refunds] == [
        (pb.REFUND_CAUSE_TOO_LATE, pb.REFUND_STATE_DONE, TOTAL)
    ]
    assert await shop.accounts(order_id) == {}


async def test_a_payment_that_the_provider_learns_of_after_it_was_closed_is_found(shop: Shop) -> None:
    """Some providers know a payment only when the buyer opens it: there was nothing to close."""
    order_id = await shop.order()
    payment_id = await shop.start(order_id)
    known = shop.bank.trades.pop(payment_id)
    await shop.move(order_id, Act.CANCEL)
    await shop.work()
    shop.bank.trades[payment_id] = known
    shop.bank.pay(payment_id)
    shop.clock.advance(minutes=16)
    await shop.work()
    (payment,) = await shop.attempts(order_id)
    assert (payment.state, payment.refunded.minor_units) == (pb.PAYMENT_STATE_PAID, TOTAL)


@pytest.mark.parametrize("number", range(5))
async def test_who_pays_in_the_instant_of_expiry_has_the_order_or_the_money(shop: Shop, number: int) -> None:
    order_id = await shop.order()
    paid = shop.bank.pay(await shop.start(order_id))
    racing = (shop.move(order_id, Act.EXPIRE), shop.till.take("sandbox", paid))
    outcomes = await asyncio.gather(*(racing if number % 2 else reversed(racing)), return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, WrongStateError) for outcome in outcomes)
    await shop.work()
    (payment,) = await shop.attempts(order_id)
    state = await shop.state(order_id)
    assert (state, payment.counted, payment.refunded.minor_units) in [
        (State.PREPARING, True, 0),
        (State.EXPIRED, False, TOTAL),
    ]


async def test_a_worker_that_dies_while_it_asks_delays_the_look(shop: Shop) -> None:
    order_id = await shop.order()
    shop.bank.pay(await shop.start(order_id))
    shop.clock.advance(seconds=10)
    shop.bank.holding = "find"
    dying = asyncio.create_task(shop.work())
    await shop.bank.reached.wait()
    dying.cancel()
    shop.bank.holding = ""
    await shop.work()
    assert await shop.state(order_id) is State.AWAITING_PAYMENT  # somebody else's look, as far as one knows
    shop.clock.advance(minutes=1)
    await shop.work()
    assert await shop.state(order_id) is State.PREPARING


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"amount_minor": TOTAL - 1}, books_pb.DISPUTE_KIND_AMOUNT),
        ({"amount_minor": TOTAL + 1}, books_pb.DISPUTE_KIND_AMOUNT),
        ({"currency": "USD"}, books_pb.DISPUTE_KIND_CURRENCY),
    ],
)
async def test_another_amount_is_no_payment(
    shop: Shop, change: dict[str, object], kind: books_pb.DisputeKind.ValueType
) -> None:
    order_id = await shop.order()
    payment_id = await shop.start(order_id)
    wrong = replace(shop.bank.pay(payment_id), **change)  # type: ignore[arg-type]
    for _ in range(2):
        await shop.till.take("sandbox", wrong)
    assert await shop.state(order_id) is State.AWAITING_PAYMENT
    assert (await shop.get(payment_id)).state == pb.PAYMENT_STATE_DISPUTED
    assert await captures(shop, order_id) == 0
    found = [each for each in await shop.disputes() if each.payment_id == str(payment_id)]
    assert [(each.kind, each.amount_minor, each.currency_code) for each in found] == [
        (kind, wrong.amount_minor, wrong.currency)
    ]


async def test_a_dispute_that_was_a_slip_ends_when_the_provider_tells_the_truth(shop: Shop) -> None:
    order_id = await shop.order()
    paid = shop.bank.pay(await shop.start(order_id))
    await shop.till.take("sandbox", replace(paid, amount_minor=1))
    await shop.till.take("sandbox", paid)
    assert await shop.state(order_id) is State.PREPARING


async def test_what_is_none_of_ours_and_what_is_another_provider_s(shop: Shop) -> None:
    order_id = await shop.order()
    payment_id = await shop.start(order_id)
    paid = shop.bank.pay(payment_id)
    stranger = replace(paid, payment_id=uuid4())
    await shop.till.take("sandbox", stranger)
    await shop.till.take("alipay", paid)
    assert await shop.state(order_id) is State.AWAITING_PAYMENT
    kinds = {each.payment_id: each.kind for each in await shop.disputes()}
    assert kinds[str(stranger.payment_id)] == books_pb.DISPUTE_KIND_UNKNOWN
    assert kinds[str(payment_id)] == books_pb.DISPUTE_KIND_WRONG_PROVIDER
    await shop.till.take("sandbox", paid)
    assert await shop.state(order_id) is State.PREPARING


async def test_a_provider_that_contradicts_itself_changes_nothing(shop: Shop) -> None:
    order_id, payment_id = await shop.paid_order()
    await shop.till.take("sandbox", replace(shop.bank.trades[payment_id], reference="another"))
    await shop.till.take("sandbox", replace(shop.bank.trades[payment_id], amount_minor=1))
    assert (await shop.get(payment_id)).state == pb.PAYMENT_STATE_PAID
    assert await captures(shop, order_id) == 1
    kinds = {each.kind for each in await shop.disputes() if each.payment_id == str(payment_id)}
    assert kinds == {books_pb.DISPUTE_KIND_CONTRADICTION, books_pb.DISPUTE_KIND_AMOUNT}


def test_the_contract_numbers_causes_and_states_alike() -> None:
    assert {each.name: each.value for each in Cause} == _numbers(pb.RefundCause, "REFUND_CAUSE_")
    assert {each.name: each.value for each in RefundState} == _numbers(pb.RefundState, "REFUND_STATE_")


def _numbers(enum: object, prefix: str) -> dict[str, int]:
    items: list[tuple[str, int]] = enum.items()  # type: ignore[attr-defined]
    return {name.removeprefix(prefix): number for name, number in items if number}
