"""Open or not: across midnight, across the week's end, and on the nights when the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pharmacy.domain.hours import ALWAYS, BadHoursError, Interval, is_open, next_opening

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
instants = st.integers(0, 10 * 366 * 86_400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_by_day() -> None:
    hours = [Interval(1, 8 * 60, 12 * 60), Interval(1, 14 * 60, 22 * 60)]
    for time, found in ("07:59", False), ("08:00", True), ("12:00", False), ("13:00", False), ("21:59", True):
        assert is_open(hours, SHANGHAI, local(f"2026-11-23T{time}")) is found  # a Monday
    assert not is_open(hours, SHANGHAI, local("2026-11-24T09:00"))
    assert next_opening(hours, SHANGHAI, local("2026-11-23T13:00")) == local("2026-11-23T14:00")
    assert next_opening(hours, SHANGHAI, local("2026-11-23T22:00")) == local("2026-11-30T08:00")
    assert next_opening(hours, SHANGHAI, local("2026-11-23T09:00")) is None


def test_across_midnight_and_the_end_of_the_week() -> None:
    hours = [Interval(7, 20 * 60, 26 * 60)]  # Sunday evening to two o'clock on Monday
    assert is_open(hours, SHANGHAI, local("2026-11-23T01:59"))
    assert not is_open(hours, SHANGHAI, local("2026-11-23T02:00"))
    assert not is_open(hours, SHANGHAI, local("2026-11-22T01:00"))
    assert next_opening(hours, SHANGHAI, local("2026-11-23T02:00")) == local("2026-11-29T20:00")


def test_never_open() -> None:
    assert not is_open([], SHANGHAI, local("2026-11-23T10:00"))
    assert next_opening([], SHANGHAI, local("2026-11-23T10:00")) is None


@given(instants)
def test_always_open(now: datetime) -> None:
    assert is_open(ALWAYS, SHANGHAI, now)
    assert is_open(ALWAYS, BERLIN, now)


def test_by_the_clock_when_the_clocks_change() -> None:
    hours = [Interval(7, 8 * 60, 20 * 60)]
    assert next_opening(hours, BERLIN, local("2026-03-28T23:00", BERLIN)) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert next_opening(hours, BERLIN, local("2026-10-24T23:00", BERLIN)) == datetime(2026, 10, 25, 7, tzinfo=UTC)


intervals = st.builds(
    lambda weekday, opens, lasts: Interval(weekday, opens, opens + lasts),
    st.integers(1, 7),
    st.integers(0, 1439),
    st.integers(1, 1440),
)


@given(st.lists(intervals, min_size=1, max_size=5), instants)
def test_the_next_opening_is_the_first_instant_at_which_it_is_open(hours: list[Interval], now: datetime) -> None:
    opening = next_opening(hours, SHANGHAI, now)
    if opening is None:
        assert is_open(hours, SHANGHAI, now)
    else:
        assert now < opening <= now + timedelta(days=8)
        assert is_open(hours, SHANGHAI, opening)
        assert not is_open(hours, SHANGHAI, now)
        assert not is_open(hours, SHANGHAI, opening - timedelta(microseconds=1))


@pytest.mark.parametrize(("opens", "closes"), [(600, 600), (600, 540), (600, 600 + 1441)])
def test_no_interval(opens: int, closes: int) -> None:
    with pytest.raises(BadHoursError):
        Interval(1, opens, closes)
