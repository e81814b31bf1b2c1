"""A whole summary of any readings: no NaN, nothing out of range, and what cannot be told is unset."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import numpy as np
import pytest
from apricot.glucose.v1.report_pb2 import (
    SUFFICIENCY_EMPTY,
    SUFFICIENCY_SINGLE_READING,
    SUFFICIENCY_SPARSE,
    SUFFICIENCY_SUFFICIENT,
    GetDailyProfileResponse,
    Summary,
)
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from services.glucose.domain.windows import Window
from services.glucose.rpc import jobs
from services.glucose.store.columns import ReadingColumns, WindowEntries

END = datetime(2026, 11, 1, tzinfo=UTC)
SENSOR, FINGERSTICK = 10, 11
MG, MMOL = 1, 2

type Row = tuple[datetime, int, int, int, float, int]
"""Instant, offset in minutes, kind, unit, mg/dL, device."""


def packed(rows: list[Row]) -> ReadingColumns:
    """As PostgreSQL sends them."""
    if not rows:
        return ReadingColumns()
    time, *rest = zip(*rows, strict=True)
    return packed_columns([(at - datetime(2000, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1) for at in time], *rest)


def packed_columns(microseconds_since_2000: Any, *rest: Any) -> ReadingColumns:
    """Each column's values, or one for all."""
    values = np.broadcast_arrays(microseconds_since_2000, *rest, 0)
    return ReadingColumns(*map(packed_column, values, ("i8", "i2", "i2", "i2", "f4", "i8", "i2")))


def packed_column(values: Any, kind: str) -> bytes:
    pairs = np.zeros(len(values), dtype=[("length", ">i4"), ("value", f">{kind}")])
    pairs["value"] = values
    return bytes(20) + pairs.tobytes()


def summary(rows: list[Row], days: float = 14, preset: int = 1) -> Summary:
    start = END - timedelta(days=days)
    window = Window(start, END, "UTC", ((start, END),))
    return Summary.FromString(jobs.summary(WindowEntries(packed(rows), []), window, preset))


def steady(count: int, minutes: int = 5, mg_per_dl: float = 120, kind: int = SENSOR) -> list[Row]:
    return [(END - timedelta(minutes=minutes * (n + 1)), 0, kind, MG, mg_per_dl, 1) for n in range(count)]


def numbers(message: Message) -> Iterator[float]:
    """Every number in a message, at any depth."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from numbers(one)
            elif isinstance(one, float):
                yield one


ROW = st.tuples(
    st.integers(1, 13 * 86_400).map(lambda seconds: END - timedelta(seconds=seconds)),
    st.sampled_from([-600, 0, 60, 120, 330, 480]),
    st.sampled_from([SENSOR, FINGERSTICK]),
    st.sampled_from([MG, MMOL]),
    st.floats(10, 1000, width=32),
    st.integers(0, 2),
)


@given(st.lists(ROW, max_size=40), st.sampled_from([1, 2, 3]))
@settings(max_examples=60, deadline=None)
def test_any_readings_give_finite_figures(rows: list[Row], preset: int) -> None:
    found = summary(rows, preset=preset)
    assert all(isfinite(number) for number in numbers(found))
    assert 0 <= found.active_percent <= 100
    assert all(0 <= day.active_percent <= 100 for day in found.days)
    assert sum(day.readings_count for day in found.days) == found.readings_count
    if rows:
        assert sum(share.percent for share in found.bands) == pytest.approx(100)
        assert found.min_mg_per_dl <= found.median_mg_per_dl <= found.max_mg_per_dl
        assert 0 <= found.gri <= 100
    start = END - timedelta(days=14)
    window = Window(start, END, "UTC", ((start, END),))
    profile = GetDailyProfileResponse.FromString(jobs.daily_profile(WindowEntries(packed(rows), []), window, True))
    assert all(isfinite(number) for number in numbers(profile))
    assert sum(len(day.values_mg_per_dl) for day in profile.days) == found.readings_count


def test_no_reading_says_so() -> None:
    found = summary([])
    assert found.sufficiency == SUFFICIENCY_EMPTY
    assert not found.bands
    assert not found.targets
    for field in "mean_mg_per_dl", "sd_mg_per_dl", "gmi_percent", "gri", "modd_mg_per_dl", "mage_mg_per_dl", "lbgi":
        assert not found.HasField(field)


def test_one_reading_has_no_spread() -> None:
    found = summary(steady(1))
    assert found.sufficiency == SUFFICIENCY_SINGLE_READING
    assert found.mean_mg_per_dl == 120
    for field in "sd_mg_per_dl", "cv_percent", "j_index", "modd_mg_per_dl", "conga_mg_per_dl", "mage_mg_per_dl":
        assert not found.HasField(field)


def test_equal_readings_do_not_vary() -> None:
    found = summary(steady(14 * 288))
    assert found.sufficiency == SUFFICIENCY_SUFFICIENT
    assert found.sd_mg_per_dl == found.cv_percent == found.modd_mg_per_dl == found.conga_mg_per_dl == 0
    assert not found.HasField("mage_mg_per_dl"), "no excursion at all"
    assert [target.met for target in found.targets] == [True] * 5
    assert not found.events


def test_sufficient_is_70_percent_of_the_last_14_days() -> None:
    two_weeks = steady(14 * 288)
    assert summary(two_weeks[: 13 * 288]).sufficiency == SUFFICIENCY_SUFFICIENT, "93 % of 14 days"
    assert summary(two_weeks[: 9 * 288]).sufficiency == SUFFICIENCY_SPARSE, "64 % of 14 days"
    assert summary(two_weeks[: 9 * 288], days=9).sufficiency == SUFFICIENCY_SPARSE, "all of nine days"
    assert summary(two_weeks, days=90).sufficiency == SUFFICIENCY_SUFFICIENT, "the last 14 of 90 days"
    assert summary(two_weeks, days=15 + 3 / 1440).sufficiency == SUFFICIENCY_SUFFICIENT
    long_ago = [(row[0] - timedelta(days=20), *row[1:]) for row in two_weeks]
    assert summary(long_ago, days=90).sufficiency == SUFFICIENCY_SPARSE, "14 days, and none of the last"
    assert summary([row for n, row in enumerate(two_weeks) if n % 100 < 71]).sufficiency == SUFFICIENCY_SUFFICIENT
    assert summary([row for n, row in enumerate(two_weeks) if n % 100 < 69]).sufficiency == SUFFICIENCY_SPARSE


@pytest.mark.parametrize("minutes", [1, 15])
def test_fast_and_slow_sensors(minutes: int) -> None:
    found = summary(steady(14 * 1440 // minutes, minutes))
    assert found.interval_minutes == minutes
    assert found.active_percent == pytest.approx(100)
    assert found.sufficiency == SUFFICIENCY_SUFFICIENT


def test_fingersticks_alone_stand_for_no_time() -> None:
    found = summary(steady(14 * 8, minutes=180, kind=FINGERSTICK))
    assert found.from_fingersticks
    assert found.readings_count == 14 * 8
    assert found.sufficiency == SUFFICIENCY_SPARSE
    assert found.active_percent == found.interval_minutes == 0
    assert {share.minutes_per_day for share in found.bands} == {0}
    for field in "gmi_percent", "modd_mg_per_dl", "conga_mg_per_dl", "mage_mg_per_dl":
        assert not found.HasField(field)
    assert found.HasField("lbgi")


def test_fingersticks_beside_a_sensor_are_held_against_it() -> None:
    found = summary(steady(288) + steady(3, minutes=180, mg_per_dl=100, kind=FINGERSTICK))
    assert not found.from_fingersticks
    assert found.readings_count == 288
    assert found.fingersticks.pairs_count == 3
    assert found.fingersticks.mard_percent == pytest.approx(20)


def test_the_risk_index_keeps_its_bands_in_pregnancy() -> None:
    rows = steady(288, mg_per_dl=150)
    assert summary(rows, preset=3).targets[0].percent == 0
    assert summary(rows, preset=3).gri == summary(rows, preset=1).gri == 0


def test_at_most_2000_events_the_newest() -> None:
    def swinging(days: int) -> Summary:
        rows = [(*row[:4], 60.0 if n // 3 % 2 else 120.0, 1) for n, row in enumerate(steady(days * 288))]
        return summary(rows, days)

    assert len(swinging(15).events) == 15 * 48
    many = swinging(50)
    assert len(many.events) == 2000
    assert many.events[-1].start_time.seconds > END.timestamp() - 3600


def test_ten_years_of_a_sensor() -> None:
    """More than a million readings, whose order is upset."""
    minutes = np.arange(3650 * 288) * 5
    minutes = np.random.default_rng(1).permutation(minutes)
    start = END - timedelta(days=3650)
    since_2000 = (start - datetime(2000, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1) + minutes * 60e6
    columns = packed_columns(since_2000, 0, SENSOR, MG, 120 + 60 * np.sin(minutes / 240), 1)
    window = Window(start, END, "UTC", ((start, END),))
    found = Summary.FromString(jobs.summary(WindowEntries(columns, []), window, 1))
    assert found.readings_count == 3650 * 288
    assert len(found.days) == 3650
    assert found.active_percent == pytest.approx(100)
    assert found.modd_mg_per_dl > 0
    assert found.mage_mg_per_dl == pytest.approx(120, rel=0.01), "from trough to crest"
