"""Days and hours of a patient's clock, where and when clocks change too."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from clients.clinician.models.patient.days import marks, midnights, zone_named

ZONES = [
    "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Africa/Cairo",
    "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Asia/Beirut",
]  # fmt: skip
instants = st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(ZONES).map(ZoneInfo)


@given(instants, st.integers(1, 60), zones)
def test_each_local_day_begins_once_at_its_first_instant(start: datetime, days: int, zone: ZoneInfo) -> None:
    end = start + timedelta(days=days)
    found = midnights(start, end, zone)
    for begin in found:
        assert begin.astimezone(zone).date() > (begin - timedelta(seconds=1)).astimezone(zone).date()
        assert start <= begin < end
    begun = [begin.astimezone(zone).date() for begin in found]
    assert begun == sorted(set(begun))
    # No day that is seen is without a begin.
    hours = (start + timedelta(hours=hour) for hour in range(24 * days))
    seen = {hour.astimezone(zone).date() for hour in hours} - {start.astimezone(zone).date()}
    assert seen <= set(begun)


@given(instants, st.floats(0.5, 24 * 90), zones, st.integers(2, 20))
def test_marks_are_full_hours_of_the_patients_clock_and_not_too_many(
    start: datetime, hours: float, zone: ZoneInfo, most: int
) -> None:
    found = marks(start, start + timedelta(hours=hours), zone, most)
    assert len(found) <= most + 2
    assert found == sorted(set(found))
    assert all(mark.astimezone(zone).minute == 0 for mark in found)


@pytest.mark.parametrize(("night", "hours"), [(datetime(2026, 3, 28, 20, tzinfo=UTC), [23, 24]),
                                              (datetime(2026, 10, 24, 20, tzinfo=UTC), [25, 24])])  # fmt: skip
def test_the_day_when_clocks_change_is_an_hour_shorter_or_longer(night: datetime, hours: list[int]) -> None:
    found = midnights(night, night + timedelta(days=2, hours=5), ZoneInfo("Europe/Berlin"))
    assert [(after - before) / timedelta(hours=1) for before, after in pairwise(found)] == hours


def test_an_hour_that_comes_twice_is_marked_twice_and_one_that_is_skipped_never() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    autumn = marks(datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC), berlin, 9)
    assert [mark.astimezone(berlin).hour for mark in autumn] == [2, 2, 3]
    spring = marks(datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 3, tzinfo=UTC), berlin, 9)
    assert [mark.astimezone(berlin).hour for mark in spring] == [1, 3, 4]


@pytest.mark.parametrize("name", ["", "Nowhere/At_All", "../etc/passwd"])
def test_a_zone_that_is_none_is_utc(name: str) -> None:
    assert zone_named(name).key == "UTC"


def test_a_day_that_a_zone_skips_has_no_begin() -> None:
    apia = ZoneInfo("Pacific/Apia")
    found = midnights(datetime(2011, 12, 29, 0, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC), apia)
    assert date(2011, 12, 30) not in [begin.astimezone(apia).date() for begin in found]
