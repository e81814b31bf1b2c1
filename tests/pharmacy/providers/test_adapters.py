"""What the port promises, of each adapter on the real cashier."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from kit.clock import utc_now
from kit.outages import is_outage
from services.pharmacy.providers.port import (
    AlreadyPaidError,
    Provider,
    Refund,
    RefusedError,
    Trade,
    TradeState,
)
from stack.cashier.keys import new_key, private_pem, public_pem
from stack.cashier.part import Cashier
from stack.platform import Platform
from tests.kit.running import until
from tests.pharmacy.providers.arranged import AMOUNT, NAMES, build, paid, refunded, started
from tests.pharmacy.providers.cashier import Hands, Merchant


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


async def test_a_killed_cashier_forgets_nothing(
    till: Platform, providers: dict[str, Provider], hands: Hands, merchant: Merchant
) -> None:
    merchant.answer = 500, ""
    payments = {name: await paid(provider, hands) for name, provider in providers.items()}
    refund_id, asked = uuid4(), list[asyncio.Task[Refund]]()
    for name, provider in providers.items():
        await hands.hold("refund", "after")
        asked.append(asyncio.create_task(provider.refund(payments[name], refund_id, 5, AMOUNT, "CNY", "x")))
    await until(lambda: _wait(hands, len(providers)))
    till.part("cashier").kill()
    for task in asked:
        with pytest.raises(OSError) as caught:  # noqa: PT011 whatever means "try later"
            await task
        assert is_outage(caught.value)
    merchant.calls.clear()
    merchant.answer = 200, "success"
    await till.part("cashier").wait_ready()
    for name, provider in providers.items():
        # It had been done all the same, and asking again does it no second time.
        again = await provider.refund(payments[name], refund_id, 5, AMOUNT, "CNY", "x")
        found = await provider.find_refund(payments[name], refund_id)
        assert found
        assert (found.reference, found.amount_minor) == (again.reference, 5)
        # What the merchant did not take is told again.
        await until(lambda number=payments[name].hex: _is_told(hands, number))  # type: ignore[misc]


async def test_a_provider_s_trouble_is_an_outage(provider: Provider, hands: Hands) -> None:
    payment_id, refund_id = await paid(provider, hands), uuid4()
    for code, is_done in (("EMPTY", False), ("BUSY", True)):
        await hands.fail("refund", code)
        with pytest.raises(OSError) as caught:  # noqa: PT011
            await provider.refund(payment_id, refund_id, 7, AMOUNT, "CNY", "x")
        assert is_outage(caught.value)
        assert (await provider.find_refund(payment_id, refund_id) is not None) == is_done
    assert (await provider.refund(payment_id, refund_id, 7, AMOUNT, "CNY", "x")).amount_minor == 7


async def test_an_answer_that_another_signed_is_not_believed(cashier: Cashier, hands: Hands) -> None:
    ours = build(cashier, "http://127.0.0.1:1")
    strange = public_pem(new_key())
    deceived = build(cashier, "http://127.0.0.1:1", alipay_public_key=strange, wechat_public_key=strange)
    for name in ("alipay", "wechat"):
        payment_id = await paid(ours[name], hands)
        assert await ours[name].find(payment_id)
        with pytest.raises(OSError) as caught:  # noqa: PT011
            await deceived[name].find(payment_id)
        assert is_outage(caught.value)


async def test_keys_of_ours_that_are_wrong_refuse_no_payment(cashier: Cashier, hands: Hands) -> None:
    """Somebody will put them right: it is not the payment that was refused."""
    wrong = {
        "sandbox_secret": "another secret",
        "alipay_private_key": private_pem(new_key(), traditional=True),
        "wechat_private_key": private_pem(new_key()),
    }
    for name, ours in build(cashier, "http://127.0.0.1:1").items():
        payment_id = await paid(ours, hands)
        mistaken = build(cashier, "http://127.0.0.1:1", utc_now, **wrong)[name]
        with pytest.raises(OSError) as caught:  # noqa: PT011
            await mistaken.refund(payment_id, uuid4(), 1, AMOUNT, "CNY", "x")
        assert is_outage(caught.value)


async def test_nobody_at_home_is_an_outage(cashier: Cashier) -> None:
    nowhere = {f"{name}_url": "http://127.0.0.1:1" for name in NAMES}
    for provider in build(cashier, "http://x", utc_now, **nowhere).values():
        for asking in (
            provider.find(uuid4()),
            provider.close(uuid4()),
            provider.refund(uuid4(), uuid4(), 1, 1, "CNY", "x"),
            provider.find_refund(uuid4(), uuid4()),
            provider.statement(date(2026, 1, 1)),
        ):
            with pytest.raises(OSError) as caught:  # noqa: PT011
                await asking
            assert is_outage(caught.value)


async def test_what_has_expired_is_closed(provider: Provider, hands: Hands) -> None:
    payment_id = uuid4()
    order = await provider.start(payment_id, AMOUNT, "CNY", "x", datetime.now(UTC) + timedelta(seconds=1))
    await hands.open(provider.name, order)

    async def closed() -> bool:
        found = await provider.find(payment_id)
        assert found
        return found.state is TradeState.CLOSED

    await until(closed)
    assert await hands.pay(provider.name, order) == 409


@pytest.mark.parametrize("name", ["sandbox", "wechat"])
async def test_a_paid_one_is_not_started_again(name: str, providers: dict[str, Provider], hands: Hands) -> None:
    payment_id = await paid(providers[name], hands)
    with pytest.raises(AlreadyPaidError):
        await providers[name].start(payment_id, AMOUNT, "CNY", "x", datetime.now(UTC) + timedelta(minutes=1))


async def test_another_amount_is_another_payment(provider: Provider, hands: Hands) -> None:
    payment_id, order = await started(provider)
    await hands.open(provider.name, order)
    expire_time = datetime.now(UTC) + timedelta(minutes=1)
    if provider.name == "alipay":  # hears of it when it is opened
        other = await provider.start(payment_id, AMOUNT - 1, "CNY", "x", expire_time)
        assert await hands.pay(provider.name, other) == 409
    else:
        with pytest.raises(RefusedError):
            await provider.start(payment_id, AMOUNT - 1, "CNY", "x", expire_time)
    found = await provider.find(payment_id)
    assert found
    assert found.amount_minor == AMOUNT


async def _wait(hands: Hands, count: int) -> bool:
    return await hands.waiting() == count


async def _is_told(hands: Hands, out_trade_no: str) -> bool:
    return all(notice["taken"] for notice in await hands.told(out_trade_no))
