"""Laws of bookkeeping, of looks, and of comparing statements."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pharmacy.domain import ledger
from services.pharmacy.domain.ledger import Account, Entries, Kind, Sale, commission
from services.pharmacy.domain.payments import (
    AFTER_THE_END,
    LONGEST_PAUSE,
    LONGEST_REFUND_PAUSE,
    RefundState,
    State,
    next_look,
    next_refund_try,
)
from services.pharmacy.domain.reconciliation import Amount, Difference, Key, compare, newest_told, span

NOW = datetime(2026, 11, 24, tzinfo=UTC)
amounts = st.integers(min_value=0, max_value=100_000_000)
sales = st.builds(Sale, st.uuids(), st.uuids(), st.none() | st.uuids(), amounts, amounts)

POSTINGS: dict[str, Callable[[Sale, int], Entries]] = {
    "captured": lambda sale, amount: ledger.captured(sale, "alipay", amount),
    "settled": lambda sale, _: ledger.settled(sale),
    "tried": lambda sale, _: ledger.tried(sale),
    "refund requested": ledger.refund_requested,
    "refund requested after settling": ledger.refund_requested_after_settling,
    "refund done": lambda sale, amount: ledger.refund_done(sale, "wechat", amount),
    "fees": lambda _, amount: ledger.fees_kept("sandbox", amount - 50_000_000),
}


@pytest.mark.parametrize("name", POSTINGS)
@given(sale=sales, amount=amounts)
def test_every_event_sums_to_zero(name: str, sale: Sale, amount: int) -> None:
    entries = POSTINGS[name](sale, amount)
    assert sum(entries.values()) == 0
    assert 0 not in entries.values()


@given(sale=sales)
def test_sharing_loses_nothing_and_takes_from_nobody(sale: Sale) -> None:
    entries = ledger.settled(sale)
    assert entries.get(sale.escrow, 0) == sale.goods_minor + sale.delivery_minor
    assert all(amount <= 0 for account, amount in entries.items() if account != sale.escrow)
    assert 0 <= sale.goods_minor * 5 / 100 - commission(sale.goods_minor) < 1


@given(sale=sales)
def test_a_whole_life_leaves_nothing_in_escrow(sale: Sale) -> None:
    total = sale.goods_minor + sale.delivery_minor
    delivered = (ledger.captured(sale, "alipay", total), ledger.settled(sale))
    tried = (
        ledger.captured(sale, "alipay", total),
        ledger.refund_requested(sale, sale.goods_minor),
        ledger.tried(sale),
        ledger.refund_done(sale, "alipay", sale.goods_minor),
    )
    cancelled = (
        ledger.captured(sale, "alipay", total),
        ledger.refund_requested(sale, total),
        ledger.refund_done(sale, "alipay", total),
    )
    returned = (
        *delivered,
        ledger.refund_requested_after_settling(sale, total),
        ledger.refund_done(sale, "alipay", total),
    )
    for life in (delivered, tried, cancelled, returned):
        left = _sum(*life)
        assert {account.kind for account in left} <= {
            Kind.PROVIDER_CLEARING,
            Kind.PHARMACY,
            Kind.COURIER,
            Kind.PLATFORM_COMMISSION,
        }
    assert _sum(*cancelled) == {}
    kept = _sum(*returned)
    assert Account(Kind.PROVIDER_CLEARING, "alipay") not in kept
    assert ledger.COMMISSION not in kept
    assert kept.get(sale.carrier, 0) == (0 if sale.courier_id is None else -sale.delivery_minor)


def _sum(*events: Entries) -> dict[Account, int]:
    found: dict[Account, int] = {}
    for entries in events:
        for account, amount in entries.items():
            found[account] = found.get(account, 0) + amount
    return {account: amount for account, amount in found.items() if amount}


@given(looks=st.integers(0, 10_000), left=st.integers(-10_000, 10_000))
def test_the_next_look_lies_ahead_and_not_too_far(looks: int, left: int) -> None:
    end = NOW + timedelta(seconds=left)
    found = next_look(looks, end, NOW)
    assert NOW < found <= NOW + LONGEST_PAUSE
    if end + AFTER_THE_END > NOW:
        assert found <= end + AFTER_THE_END


@given(tries=st.integers(0, 10_000))
def test_refunds_are_tried_again_ever_more_rarely(tries: int) -> None:
    assert NOW < next_refund_try(tries, NOW) <= next_refund_try(tries + 1, NOW) <= NOW + LONGEST_REFUND_PAUSE


def test_what_is_paid_stays_paid_and_what_is_done_stays_done() -> None:
    from services.pharmacy.domain.payments import REFUND_TRANSITIONS, TRANSITIONS

    assert not [act for state, act in TRANSITIONS if state is State.PAID]
    assert not [act for state, act in REFUND_TRANSITIONS if state is RefundState.DONE]


keys = st.lists(st.tuples(st.uuids(), st.none() | st.uuids()).map(lambda ids: Key(*ids)), unique=True, max_size=8)
small = st.builds(Amount, st.integers(1, 5), st.sampled_from(["CNY", "USD"]))


@given(found=keys.flatmap(lambda found: st.tuples(st.just(found), st.lists(small, min_size=8, max_size=8))))
def test_what_is_alike_does_not_differ(found: tuple[list[Key], list[Amount]]) -> None:
    known = dict(zip(*found, strict=False))
    assert compare(list(known.items()), known, list(known), []) == []


@given(
    statement=st.lists(st.tuples(st.sampled_from([Key(UUID(int=number)) for number in range(5)]), small), max_size=10),
    known=st.dictionaries(st.sampled_from([Key(UUID(int=number)) for number in range(5)]), small),
)
def test_every_line_and_everything_expected_is_judged_once(
    statement: list[tuple[Key, Amount]], known: dict[Key, Amount]
) -> None:
    found = compare(statement, known, list(known), [])
    told = {key for key, _ in statement}
    assert {each.key for each in found if each.kind is Difference.MISSING_AT_PROVIDER} == known.keys() - told
    assert {each.key for each in found if each.kind is Difference.MISSING_HERE} == told - known.keys()
    assert sum(each.kind is Difference.DUPLICATE for each in found) == len(statement) - len(told)
    matched = len(statement) - sum(each.theirs is not None for each in found)
    firsts = dict(reversed(statement))
    assert matched == sum(firsts[key] == known.get(key) for key in firsts)


def test_what_an_earlier_statement_told_is_a_duplicate() -> None:
    key, amount = Key(uuid4()), Amount(1, "CNY")
    (found,) = compare([(key, amount)], {key: amount}, [], [key])
    assert found.kind is Difference.DUPLICATE


def test_a_day_in_china_begins_at_sixteen_hours_of_the_day_before() -> None:
    start, end = span(datetime(2026, 11, 24, tzinfo=UTC).date())
    assert (start, end) == (datetime(2026, 11, 23, 16, tzinfo=UTC), datetime(2026, 11, 24, 16, tzinfo=UTC))


@pytest.mark.parametrize(("hour", "day"), [(1, 22), (2, 23), (15, 23), (16, 23), (23, 23)])
def test_a_statement_is_there_from_ten_in_the_morning_on(hour: int, day: int) -> None:
    """Ten in Shanghai is two in UTC."""
    assert newest_told(datetime(2026, 11, 24, hour, tzinfo=UTC)).day == day
