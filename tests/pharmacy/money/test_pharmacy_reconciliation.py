"""Statements of providers, compared with the books. Each test has days of its own: all share a database."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from apricot.errors.v1.reason_pb2 import REASON_INVALID_FIELD, REASON_NOT_FOUND, REASON_WRONG_STATE
from apricot.pharmacy.v1 import ledger_pb2 as pb
from apricot.pharmacy.v1 import payment_pb2
from prometheus_client import REGISTRY

from services.pharmacy.domain.orders import Act, State
from services.pharmacy.domain.payments import LAST_LOOKS
from services.pharmacy.domain.reconciliation import ZONE
from services.pharmacy.rpc.errors import ERRORS
from tests.in_process import refused_by
from tests.pharmacy.money.shop import GOODS, SANDBOX, TOTAL, WECHAT, Shop, new_id

_months: Iterator[datetime] = (datetime(2027 + number, 3, 10, 3, tzinfo=UTC) for number in count())


@pytest.fixture
def month(shop: Shop) -> Shop:
    """The shop in a month in which nothing else happened; it is eleven in the morning."""
    shop.clock.now = next(_months)
    return shop


def today(shop: Shop) -> date:
    return shop.clock.now.astimezone(ZONE).date()


async def reconcile(shop: Shop, day: date, request_id: str = "") -> pb.ReconciliationReport:
    request = pb.ReconcileDayRequest(request_id=request_id or new_id(), provider=SANDBOX, date=day.isoformat())
    return (await shop.ledger.ReconcileDay(request, shop.call("LedgerService/ReconcileDay", shop.admin))).report


async def found(shop: Shop, day: date) -> pb.ReconciliationReport:
    request = pb.GetReconciliationRequest(provider=SANDBOX, date=day.isoformat())
    call = shop.call("LedgerService/GetReconciliation", shop.admin)
    return (await shop.ledger.GetReconciliation(request, call)).report


def kinds(report: pb.ReconciliationReport) -> list[pb.DifferenceKind.ValueType]:
    return [each.kind for each in report.differences]


async def test_a_day_without_differences_and_its_fees(month: Shop) -> None:
    day = today(month)
    await month.delivered_order()
    cancelled, _ = await month.paid_order()
    await month.move(cancelled, Act.CANCEL)
    await month.work()
    month.bank.closed_days.add(day)
    report = await reconcile(month, day)
    fee = 2 * (TOTAL * 6 // 1000)
    assert (report.line_count, report.matched_count, kinds(report), report.fee_minor) == (3, 3, [], fee)
    assert await found(month, day) == report
    again = await reconcile(month, day)
    assert (again.matched_count, kinds(again)) == (3, [])
    booked = await month.fetch(
        "select account, amount_minor from ledger_entry where event = 5 and reference = $1 order by line",
        f"sandbox {day}",
    )
    assert [(row["account"], row["amount_minor"]) for row in booked] == [(7, fee), (1, -fee)]


async def test_money_that_never_reached_us_is_found_and_taken(month: Shop) -> None:
    day, order_id = today(month), await month.order()
    payment_id = await month.start(order_id)
    await month.move(order_id, Act.CANCEL)
    await month.work()
    month.clock.advance(minutes=16)
    for _ in range(LAST_LOOKS):
        await month.work()
        month.clock.advance(minutes=1)
    trade = month.bank.trades[payment_id]
    month.bank.trades[payment_id] = replace(trade, state=type(trade.state).WAITING)
    month.bank.pay(payment_id)  # though it was closed
    month.bank.closed_days.add(day)
    report = await reconcile(month, day)
    (difference,) = report.differences
    assert (difference.kind, difference.payment_id) == (pb.DIFFERENCE_KIND_MISSING_HERE, str(payment_id))
    assert (difference.theirs.minor_units, difference.HasField("ours")) == (TOTAL, False)
    await month.work()
    (payment,) = await month.attempts(order_id)
    assert (payment.state, payment.refunded.minor_units) == (payment_pb2.PAYMENT_STATE_PAID, TOTAL)


async def test_what_the_provider_does_not_tell_of(month: Shop) -> None:
    day = today(month)
    _, payment_id = await month.paid_order()
    month.bank.lines.clear()
    month.bank.closed_days.add(day)
    report = await reconcile(month, day)
    (difference,) = report.differences
    assert (difference.kind, difference.payment_id) == (pb.DIFFERENCE_KIND_MISSING_AT_PROVIDER, str(payment_id))
    assert (difference.ours.minor_units, difference.HasField("theirs")) == (TOTAL, False)
    assert (report.line_count, report.matched_count) == (0, 0)


async def test_other_amounts_currencies_and_duplicates(month: Shop) -> None:
    day = today(month)
    for _ in range(3):
        await month.paid_order()
    refunded, _ = await month.paid_order()
    await month.move(refunded, Act.PACK, Act.PICK_UP, Act.FAIL, Act.BRING_BACK)
    await month.work()
    one, two, three, _, back = month.bank.lines
    month.bank.lines[0] = replace(one, amount_minor=TOTAL - 1)
    month.bank.lines[1] = replace(two, currency="HKD")
    month.bank.lines.append(three)
    month.bank.lines.append(replace(one, payment_id=(stranger := uuid4())))
    month.bank.lines[4] = replace(back, amount_minor=1)
    month.bank.closed_days.add(day)
    report = await reconcile(month, day)
    assert {(each.kind, each.payment_id, each.refund_id) for each in report.differences} == {
        (pb.DIFFERENCE_KIND_AMOUNT, str(one.payment_id), ""),
        (pb.DIFFERENCE_KIND_CURRENCY, str(two.payment_id), ""),
        (pb.DIFFERENCE_KIND_DUPLICATE, str(three.payment_id), ""),
        (pb.DIFFERENCE_KIND_MISSING_HERE, str(stranger), ""),
        (pb.DIFFERENCE_KIND_AMOUNT, str(back.payment_id), str(back.refund_id)),
    }
    assert (report.line_count, report.matched_count) == (7, 2)
    (of_refund,) = [each for each in report.differences if each.refund_id]
    assert (of_refund.ours.minor_units, of_refund.theirs.minor_units) == (GOODS, 1)


async def test_a_refund_that_is_heard_of_after_midnight_is_of_the_day_before(month: Shop) -> None:
    month.clock.now = month.clock.now.replace(hour=15, minute=59)  # a minute before midnight
    day = today(month)
    order_id, _ = await month.paid_order()
    month.bank.slow_refunds = True
    await month.move(order_id, Act.CANCEL)
    await month.work()
    (refund_id,) = month.bank.refunds
    month.bank.finish(refund_id)
    month.clock.advance(minutes=2)
    await month.work()
    next_day = today(month)
    assert next_day == day + timedelta(days=1)
    month.bank.closed_days |= {day, next_day}
    assert kinds(await reconcile(month, day)) == []
    assert kinds(await reconcile(month, next_day)) == []


async def test_what_an_earlier_statement_told_of_is_told_twice(month: Shop) -> None:
    day = today(month)
    await month.paid_order()
    month.bank.closed_days |= {day, day + timedelta(days=1)}
    assert kinds(await reconcile(month, day)) == []
    line = month.bank.lines[0]
    month.bank.lines.append(replace(line, time=line.time + timedelta(days=1)))
    assert kinds(await reconcile(month, day + timedelta(days=1))) == [pb.DIFFERENCE_KIND_DUPLICATE]


async def test_each_day_is_compared_once_its_statement_is_there(month: Shop) -> None:
    day = today(month)
    await month.paid_order()
    month.bank.closed_days.add(day)
    month.clock.now = month.clock.now.replace(hour=1) + timedelta(days=1)  # nine in the morning
    await month.books.reconcile_due()
    with refused_by(ERRORS, REASON_NOT_FOUND):
        await found(month, day)
    month.clock.advance(hours=1)
    month.bank.closed_days.clear()
    await month.books.reconcile_due()  # the provider is late
    with refused_by(ERRORS, REASON_NOT_FOUND):
        await found(month, day)
    month.bank.closed_days.add(day)
    await asyncio.gather(*(month.books.reconcile_due() for _ in range(3)))
    report = await found(month, day)
    assert (report.line_count, kinds(report)) == (1, [])
    month.clock.advance(hours=1)
    month.bank.asked.clear()
    await month.books.reconcile_due()
    assert await found(month, day) == report
    booked = await month.fetch("select from ledger_entry where event = 5 and reference = $1", f"sandbox {day}")
    assert len(booked) == 2


async def test_a_provider_that_is_away_keeps_no_other_from_being_compared(month: Shop) -> None:
    day = today(month)
    order_id = await month.order()
    other = month.banks["alipay"]
    payment_id = await month.start(order_id, payment_pb2.PAYMENT_PROVIDER_ALIPAY)
    await month.till.take("alipay", other.pay(payment_id))
    await month.paid_order()
    other.closed_days.add(day)
    month.bank.away = True
    month.clock.advance(days=1)
    await month.books.reconcile_due()
    with refused_by(ERRORS, REASON_NOT_FOUND):
        await found(month, day)
    request = pb.GetReconciliationRequest(provider=payment_pb2.PAYMENT_PROVIDER_ALIPAY, date=day.isoformat())
    call = month.call("LedgerService/GetReconciliation", month.admin)
    assert (await month.ledger.GetReconciliation(request, call)).report.line_count == 1


async def test_a_day_of_more_movements_than_a_statement_has_parameters(month: Shop) -> None:
    day = today(month)
    await month.paid_order()
    (line,) = month.bank.lines
    month.bank.lines += [replace(line, payment_id=uuid4()) for _ in range(2**15)]
    month.bank.closed_days.add(day)
    report = await reconcile(month, day)
    assert (report.line_count, report.matched_count) == (2**15 + 1, 1)
    assert kinds(report) == [pb.DIFFERENCE_KIND_MISSING_HERE] * 1_000


def shown(what: str) -> float | None:
    """What an operator sees of the sandbox."""
    return REGISTRY.get_sample_value(f"apricot_reconciliation_{what}", {"provider": "sandbox"})


async def test_a_day_that_differs_is_shown_and_compared_again(month: Shop) -> None:
    """Some statements tell of a refund as soon as it was asked for."""
    day, order_id = today(month), (await month.paid_order())[0]
    month.bank.slow_refunds = True
    await month.move(order_id, Act.CANCEL)
    await month.work()
    month.bank.closed_days |= {day - timedelta(days=number) for number in range(8)}
    month.clock.advance(days=1)
    await month.books.reconcile_due()
    await month.books.weigh_once()
    assert kinds(await found(month, day)) == [pb.DIFFERENCE_KIND_MISSING_HERE]
    assert (shown("differences"), shown("days_late")) == (1, 0)
    month.bank.finish(next(iter(month.bank.refunds)))
    await month.work()
    month.bank.asked.clear()
    await month.books.reconcile_due()
    assert "statement" not in month.bank.asked  # not yet
    month.clock.advance(hours=6)
    await month.books.reconcile_due()
    await month.books.weigh_once()
    assert kinds(await found(month, day)) == []
    assert shown("differences") == 0


async def test_a_statement_that_does_not_come_is_shown(month: Shop) -> None:
    day = today(month)
    await month.paid_order()
    month.bank.closed_days |= {day - timedelta(days=number) for number in range(-2, 8) if number}
    month.clock.advance(days=1)
    await month.books.reconcile_due()
    await month.books.weigh_once()
    assert shown("days_late") == 0  # providers may be late by some hours
    month.clock.advance(days=1)
    await month.books.reconcile_due()
    await month.books.weigh_once()
    assert shown("days_late") == 1
    month.bank.closed_days.add(day)
    await month.books.reconcile_due()
    await month.books.weigh_once()
    assert shown("days_late") == 0


async def test_what_cannot_be_compared(month: Shop) -> None:
    with refused_by(ERRORS, REASON_WRONG_STATE):
        await reconcile(month, today(month))
    call = month.call("LedgerService/ReconcileDay", month.admin)
    for provider, day in ((WECHAT, "2027-03-10"), (SANDBOX, "2027-02-30")):
        with refused_by(ERRORS, REASON_INVALID_FIELD):
            await month.ledger.ReconcileDay(
                pb.ReconcileDayRequest(request_id=new_id(), provider=provider, date=day), call
            )


async def test_a_repeat_asks_the_provider_no_more(month: Shop) -> None:
    day, request_id = today(month), new_id()
    month.bank.closed_days.add(day)
    first = await reconcile(month, day, request_id)
    await month.paid_order()
    assert await reconcile(month, day, request_id) == first
    assert month.bank.asked.count("statement") == 1
    assert first.line_count == 0


async def test_an_unknown_refund_here_is_asked_about_at_once(month: Shop) -> None:
    day = today(month)
    order_id, _ = await month.paid_order()
    month.bank.loses_answers = True
    await month.move(order_id, Act.CANCEL)
    await month.work()
    month.bank.loses_answers = False
    month.bank.closed_days.add(day)
    report = await reconcile(month, day)
    (refund_id,) = month.bank.refunds
    assert [(each.kind, UUID(each.refund_id)) for each in report.differences] == [
        (pb.DIFFERENCE_KIND_MISSING_HERE, refund_id)
    ]
    await month.work()
    assert await month.state(order_id) is State.CANCELLED
    (payment,) = await month.attempts(order_id)
    assert [each.state for each in payment.refunds] == [payment_pb2.REFUND_STATE_DONE]
    assert kinds(await reconcile(month, day)) == []
