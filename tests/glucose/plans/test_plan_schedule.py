"""Times of day as instants, on the nights when the clocks change too."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.glucose.domain.schedule import Times, next_due, whole_days

BERLIN, APIA, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia"), ZoneInfo("Asia/Shanghai")
HAVANA = ZoneInfo("America/Havana")  # sets its clocks forward at midnight


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("zone", "day", "minute", "instant"),
    [
        (SHANGHAI, date(2026, 3, 29), 8 * 60, at(2026, 3, 29, 0, 0)),
        (BERLIN, date(2026, 3, 29), 90, at(2026, 3, 29, 0, 30)),  # before the clocks go forward
        (BERLIN, date(2026, 3, 29), 150, at(2026, 3, 29, 1, 30)),  # 2:30 does not exist: 3:30
        (BERLIN, date(2026, 3, 29), 210, at(2026, 3, 29, 1, 30)),  # 3:30 itself
        (BERLIN, date(2026, 10, 25), 150, at(2026, 10, 25, 0, 30)),  # 2:30 exists twice: the first
        (BERLIN, date(2026, 10, 25), 180, at(2026, 10, 25, 2, 0)),
        (HAVANA, date(2026, 3, 8), 30, at(2026, 3, 8, 5, 30)),  # 0:30 does not exist: 1:30
    ],
)
def test_a_time_of_day_is_due_once(zone: ZoneInfo, day: date, minute: int, instant: datetime) -> None:
    assert list(Times((minute,)).on(day, zone)) == [instant]


def test_a_day_that_the_zone_left_out_asks_for_nothing() -> None:
    eight = Times((8 * 60,))
    assert list(eight.on(date(2011, 12, 30), APIA)) == []
    assert list(eight.between(at(2011, 12, 29), at(2011, 12, 31), APIA)) == [at(2011, 12, 29, 18), at(2011, 12, 30, 18)]


def test_days_of_the_week() -> None:
    """24 November 2026 is a Tuesday."""
    times = Times((0,), frozenset({2, 7}))
    found = list(times.between(at(2026, 11, 22), at(2026, 12, 2), ZoneInfo("UTC")))
    assert found == [at(2026, 11, 22), at(2026, 11, 24), at(2026, 11, 29), at(2026, 12, 1)]


def test_the_next_one_may_be_a_week_away() -> None:
    monday = Times((9 * 60,), frozenset({1}))
    assert next_due([monday], SHANGHAI, at(2026, 11, 23, 1, 0)) == at(2026, 11, 30, 1, 0)
    assert next_due([monday, Times((10 * 60,))], SHANGHAI, at(2026, 11, 23, 1, 0)) == at(2026, 11, 23, 2, 0)
    assert next_due([], SHANGHAI, at(2026, 11, 23)) is None


def test_whole_days() -> None:
    assert whole_days(at(2026, 11, 23, 16), at(2026, 11, 25, 16), SHANGHAI) == [date(2026, 11, 24), date(2026, 11, 25)]
    assert whole_days(at(2026, 11, 23, 17), at(2026, 11, 25, 15), SHANGHAI) == []


@given(
    zone=st.sampled_from([BERLIN, APIA, SHANGHAI, HAVANA, ZoneInfo("Australia/Lord_Howe")]),
    minutes=st.lists(st.integers(0, 1439), min_size=1, max_size=3, unique=True),
    weekdays=st.frozensets(st.integers(1, 7), max_size=7),
    start=st.integers(0, 17 * 365 * 24 * 60).map(lambda minutes: at(2011, 1, 1) + timedelta(minutes=minutes)),
)
def test_going_from_one_to_the_next_misses_none(
    zone: ZoneInfo, minutes: list[int], weekdays: frozenset[int], start: datetime
) -> None:
    times = Times(tuple(minutes), weekdays)
    end = start + timedelta(days=10)
    stepped, instant = [], next_due([times], zone, start)
    while instant is not None and instant < end:
        stepped.append(instant)
        instant = next_due([times], zone, instant)
    assert stepped == sorted(set(times.between(start + timedelta(microseconds=1), end, zone)))
