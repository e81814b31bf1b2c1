"""Laws of recurrences: each slot lies on a wanted day at its wall-clock time, once, apart from the others."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.consult.domain.recurrence import (
    LocalStart,
    NoRecurrenceError,
    Outcome,
    instant,
    occurrences,
    session_starts,
    weekly,
)

BERLIN, NEW_YORK, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")
ZONES = [BERLIN, NEW_YORK, APIA, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Havana"), ZoneInfo("Australia/Lord_Howe")]
EVER = datetime(2100, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "minute", "found"),
    [
        (BERLIN, date(2027, 3, 28), 119, datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        (BERLIN, date(2027, 3, 28), 120, None),
        (BERLIN, date(2027, 3, 28), 179, None),
        (BERLIN, date(2027, 3, 28), 180, datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        (BERLIN, date(2027, 10, 31), 150, datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),  # twice: the first
        (BERLIN, date(2027, 10, 31), 180, datetime(2027, 10, 31, 2, 0, tzinfo=UTC)),
        (NEW_YORK, date(2027, 3, 14), 150, None),
        (NEW_YORK, date(2027, 11, 7), 90, datetime(2027, 11, 7, 5, 30, tzinfo=UTC)),
        (APIA, date(2011, 12, 30), 540, None),  # a day that the zone left out
    ],
)
def test_local_times_on_the_days_the_clocks_change(
    zone: ZoneInfo, day: date, minute: int, found: datetime | None
) -> None:
    assert instant(LocalStart(day, minute), zone) == found


@given(
    zone=st.sampled_from(ZONES),
    first=st.dates(date(2010, 1, 1), date(2040, 1, 1)),
    days=st.integers(1, 60),
    weekdays=st.sets(st.integers(1, 7), min_size=1),
    minutes=st.sets(st.integers(0, 1439), min_size=1, max_size=6),
    length=st.integers(5, 480).map(lambda minutes: timedelta(minutes=minutes)),
    begun=st.integers(-24 * 60, 70 * 24 * 60),
)
def test_what_is_published_of_a_recurrence(
    zone: ZoneInfo, first: date, days: int, weekdays: set[int], minutes: set[int], length: timedelta, begun: int
) -> None:
    last = first + timedelta(days=days - 1)
    now = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(minutes=begun)
    try:
        wanted = weekly(first, last, weekdays, minutes)
    except NoRecurrenceError:
        assert not any((first + timedelta(days=number)).isoweekday() in weekdays for number in range(days))
        return
    found = occurrences(wanted, zone, length, now, EVER)
    assert [each.local for each in found] == sorted(set(wanted))
    made = [each for each in found if each.outcome is Outcome.PUBLISHED]
    starts = [each.start for each in made if each.start is not None]
    assert len(starts) == len(made)
    for each, start in zip(made, starts, strict=True):
        local = start.astimezone(zone)
        assert (local.date(), local.hour * 60 + local.minute) == (each.local.day, each.local.minute)
        assert local.isoweekday() in weekdays
        assert each.local.minute in minutes
        assert first <= local.date() <= last
        assert local.fold == 0
        assert start > now
    assert all(one + length <= other for one, other in pairwise(starts))
    for each in found:
        if each.outcome is Outcome.NO_SUCH_LOCAL_TIME:
            assert each.start is None
        if each.outcome is Outcome.OVERLAPS:
            assert each.start is not None
            assert any(start <= each.start < start + length for start in starts)


@given(start=st.integers(0, 1439), end=st.integers(1, 1440), length=st.integers(5, 480))
def test_a_session_is_filled(start: int, end: int, length: int) -> None:
    if start + length > end:
        with pytest.raises(NoRecurrenceError):
            session_starts(start, end, length)
        return
    found = session_starts(start, end, length)
    assert found == [start + number * length for number in range(len(found))]
    assert end - length < found[-1] + length <= end


def test_a_licence_that_ends_between() -> None:
    days = weekly(date(2027, 1, 1), date(2027, 1, 4), range(1, 8), [540])
    end = datetime(2027, 1, 3, 1, tzinfo=UTC)  # as the third begins, in Shanghai
    found = occurrences(days, ZoneInfo("Asia/Shanghai"), timedelta(minutes=30), LONG_AGO, end)
    assert [each.outcome for each in found] == [Outcome.PUBLISHED] * 2 + [Outcome.LICENCE_EXPIRED] * 2
