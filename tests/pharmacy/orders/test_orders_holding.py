"""Which packs stand for which order: laws, and the rules that they come from."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.pharmacy.domain.holding import Held, Line, Lot, OutOfStockError, allot

DAY = date(2026, 11, 24)
SHELVES = [(UUID(int=1), UUID(int=product)) for product in (11, 12)]

LOTS = st.lists(
    st.builds(
        lambda shelf, days, free: (shelf, DAY + timedelta(days=days), free),
        st.sampled_from(SHELVES),
        st.integers(0, 3),
        st.integers(0, 6),
    ),
    max_size=6,
).map(lambda found: [Lot(UUID(int=number), *each) for number, each in enumerate(found)])
ORDERS = st.lists(
    st.lists(st.tuples(st.sampled_from(SHELVES), st.integers(1, 5)), min_size=1, max_size=3).map(
        lambda lines: [Line(number, *each) for number, each in enumerate(lines, start=1)]
    ),
    max_size=6,
)


@given(ORDERS, LOTS)
def test_never_more_than_there_is_and_all_or_nothing(orders: list[list[Line]], lots: list[Lot]) -> None:
    found = allot(orders, lots)
    used: Counter[UUID] = Counter()
    for lines, held in zip(orders, found, strict=True):
        if isinstance(held, OutOfStockError):
            continue
        got = Counter({line.line: 0 for line in lines})
        for each in held:
            assert each.quantity > 0
            got[each.line] += each.quantity
            used[each.lot_id] += each.quantity
        assert got == {line.line: line.quantity for line in lines}
    assert all(used[lot.lot_id] <= lot.free for lot in lots)


@given(ORDERS, LOTS)
def test_what_expires_first_goes_first(orders: list[list[Line]], lots: list[Lot]) -> None:
    """A lot is touched only when nothing is left of those that expire before it."""
    by_id = {lot.lot_id: lot for lot in lots}
    free = {lot.lot_id: lot.free for lot in lots}
    for held in allot(orders, lots):
        for each in held if isinstance(held, list) else []:
            lot = by_id[each.lot_id]
            earlier = [other for other in lots if other.shelf == lot.shelf and other.expiry_date < lot.expiry_date]
            assert not any(free[other.lot_id] for other in earlier)
            free[each.lot_id] -= each.quantity


@given(ORDERS, LOTS)
def test_refused_only_when_something_is_short_at_its_turn(orders: list[list[Line]], lots: list[Lot]) -> None:
    free = {lot.lot_id: lot.free for lot in lots}
    for lines, held in zip(orders, allot(orders, lots), strict=True):
        there = Counter(dict.fromkeys(SHELVES, 0))
        for lot in lots:
            there[lot.shelf] += free[lot.lot_id]
        wanted: Counter[tuple[UUID, UUID]] = Counter()
        for line in lines:
            wanted[line.shelf] += line.quantity
        short = {shelf[1]: there[shelf] for shelf in wanted if there[shelf] < wanted[shelf]}
        if isinstance(held, OutOfStockError):
            assert short[held.product_id] == held.available
            continue
        assert not short
        for each in held:
            free[each.lot_id] -= each.quantity


def test_who_fails_leaves_it_to_the_next() -> None:
    lots = [Lot(UUID(int=1), SHELVES[0], DAY, 3)]
    orders = [[Line(1, SHELVES[0], 2)], [Line(1, SHELVES[0], 2)], [Line(1, SHELVES[0], 1)]]
    first, second, third = allot(orders, lots)
    assert first == [Held(UUID(int=1), 1, 2)]
    assert isinstance(second, OutOfStockError)
    assert second.available == 1
    assert third == [Held(UUID(int=1), 1, 1)]
