"""What the port promises, of each adapter on the real cashier."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from kit.outages import is_outage
from services.pharmacy.providers.port import (
    AlreadyPaidError,
    Provider,
    Refund,
    RefundState,
    RefusedError,
    Trade,
    TradeState,
)
from stack.platform import Platform
from tests.kit.running import until
from tests.pharmacy.providers.cashier import Hands, Merchant

AMOUNT = 12_345


async def started(provider: Provider, amount_minor: int = AMOUNT) -> tuple[UUID, str]:
    payment_id = uuid4()
    expire_time = datetime.now(UTC) + timedelta(minutes=15)
    return payment_id, await provider.start(payment_id, amount_minor, "CNY", "杏林药房 订单", expire_time)


async def paid(provider: Provider, hands: Hands, amount_minor: int = AMOUNT) -> UUID:
    payment_id, order = await started(provider, amount_minor)
    assert await hands.pay(provider.name, order) == 200
    return payment_id


async def refunded(provider: Provider, payment_id: UUID, amount_minor: int, total_minor: int = AMOUNT) -> Refund:
    """A refund that is through."""
    refund_id = uuid4()
    await provider.refund(payment_id, refund_id, amount_minor, total_minor, "CNY", "缺货")

    async def done() -> bool:
        refund = await provider.find_refund(payment_id, refund_id)
        return refund is not None and refund.state is RefundState.DONE

    await until(done)
    found = await provider.find_refund(payment_id, refund_id)
    assert found
    return found


async def test_what_is_paid_is_found_and_told(provider: Provider, hands: Hands, merchant: Merchant) -> None:
    payment_id, order = await started(provider)
    assert await hands.open(provider.name, order) == 200
    waiting = await provider.find(payment_id)
    assert waiting
    assert (waiting.state, waiting.amount_minor, waiting.currency) == (TradeState.WAITING, AMOUNT, "CNY")
    assert await hands.pay(provider.name, order) == 200
    found = await provider.find(payment_id)
    assert found
    assert (found.state, found.amount_minor, found.payment_id) == (TradeState.PAID, AMOUNT, payment_id)
    assert found.pay_time
    assert abs(found.pay_time - datetime.now(UTC)) < timedelta(minutes=1)
    call = await merchant.next()
    assert await provider.read_callback(call.headers, call.body) == found


async def test_what_nobody_knows_is_none(provider: Provider) -> None:
    assert await provider.find(uuid4()) is None
    await provider.close(uuid4())


async def test_started_twice_is_paid_once(provider: Provider, hands: Hands) -> None:
    payment_id, expire_time = uuid4(), datetime.now(UTC) + timedelta(minutes=15)
    orders = [await provider.start(payment_id, 100, "CNY", "x", expire_time) for _ in range(2)]
    assert [await hands.pay(provider.name, order) for order in orders] == [200, 409]


async def test_a_closed_one_cannot_be_paid(provider: Provider, hands: Hands) -> None:
    payment_id, order = await started(provider)
    await hands.open(provider.name, order)
    await provider.close(payment_id)
    await provider.close(payment_id)
    assert await hands.pay(provider.name, order) == 409
    found = await provider.find(payment_id)
    assert found
    assert found.state is TradeState.CLOSED


async def test_a_paid_one_cannot_be_closed(provider: Provider, hands: Hands) -> None:
    payment_id = await paid(provider, hands)
    with pytest.raises(AlreadyPaidError):
        await provider.close(payment_id)


async def test_refunds_add_up_to_what_was_paid(provider: Provider, hands: Hands) -> None:
    payment_id = await paid(provider, hands)
    part = await refunded(provider, payment_id, 345)
    assert (part.payment_id, part.amount_minor, part.currency) == (payment_id, 345, "CNY")
    with pytest.raises(RefusedError):
        await provider.refund(payment_id, uuid4(), AMOUNT - 344, AMOUNT, "CNY", "too much")
    rest = await refunded(provider, payment_id, AMOUNT - 345)
    assert rest.amount_minor == AMOUNT - 345
    found = await provider.find(payment_id)
    assert found
    assert (found.state, found.amount_minor) == (TradeState.PAID, AMOUNT)


async def test_a_refund_asked_for_twice_is_one(provider: Provider, hands: Hands) -> None:
    payment_id, refund_id = await paid(provider, hands), uuid4()
    one, again = [await provider.refund(payment_id, refund_id, 400, AMOUNT, "CNY", "x") for _ in range(2)]
    assert (one.reference, one.amount_minor) == (again.reference, again.amount_minor)
    with pytest.raises(RefusedError):
        await provider.refund(payment_id, refund_id, 401, AMOUNT, "CNY", "x")
    await refunded(provider, payment_id, AMOUNT - 400)


async def test_a_refund_is_told(provider: Provider, hands: Hands, merchant: Merchant) -> None:
    payment_id = await paid(provider, hands)
    call = await merchant.next()
    assert isinstance(await provider.read_callback(call.headers, call.body), Trade)
    done = await refunded(provider, payment_id, 1)
    call = await merchant.next()
    assert await provider.read_callback(call.headers, call.body) == done


async def test_what_was_not_paid_is_not_refunded(provider: Provider, hands: Hands) -> None:
    payment_id, order = await started(provider)
    await hands.open(provider.name, order)
    refund_id = uuid4()
    with pytest.raises(RefusedError):
        await provider.refund(payment_id, refund_id, 1, AMOUNT, "CNY", "x")
    assert await provider.find_refund(payment_id, refund_id) is None


async def test_the_statement_is_what_happened(provider: Provider, hands: Hands) -> None:
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    assert await provider.statement(today + timedelta(days=1)) is None
    payment_id = await paid(provider, hands, 10_000)
    refunds = [await refunded(provider, payment_id, amount, 10_000) for amount in (1, 2_499, 7_500)]
    await hands.settle(today.isoformat())
    lines = await provider.statement(today)
    assert lines
    ours = [line for line in lines if line.payment_id == payment_id]
    found = await provider.find(payment_id)
    assert found
    assert [(one.refund_id, one.amount_minor, one.reference) for one in ours] == [
        (None, 10_000, found.reference),
        *((one.refund_id, one.amount_minor, one.reference) for one in refunds),
    ]
    assert {one.currency for one in ours} == {"CNY"}
    # 0.6 %, given back with what it was taken of.
    assert [one.fee_minor for one in ours] == [60, 0, -15, -45]
    assert all(abs(one.time - datetime.now(UTC)) < timedelta(minutes=2) for one in ours)


async def test_an_old_day_without_movements_is_empty(provider: Provider) -> None:
    assert await provider.statement(date(2026, 1, 1)) == []


async def test_without_an_answer_it_is_an_outage(till: Platform, provider: Provider, hands: Hands) -> None:
    payment_id = await paid(provider, hands)
    await hands.hold("refund", "after")
    asked = asyncio.create_task(provider.refund(payment_id, refund_id := uuid4(), 5, AMOUNT, "CNY", "x"))
    await until(lambda: _waits(hands))
    till.part("cashier").kill()
    with pytest.raises(OSError) as caught:  # noqa: PT011 whatever means "try later"
        await asked
    assert is_outage(caught.value)
    await till.part("cashier").wait_ready()
    # It had been done all the same, and asking again finds it.
    again = await provider.refund(payment_id, refund_id, 5, AMOUNT, "CNY", "x")
    found = await provider.find_refund(payment_id, refund_id)
    assert found
    assert found.reference == again.reference


async def _waits(hands: Hands) -> bool:
    return await hands.waiting() == 1
