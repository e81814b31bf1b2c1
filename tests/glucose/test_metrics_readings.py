"""Readings as arrays: order, devices, intervals, gaps; the grid, the days and the typical day."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glycemia.units import Unit
from services.glucose.domain.metrics import Ints
from services.glucose.domain.metrics.day_to_day import grid, mean_of_daily_differences, overall_net_action
from services.glucose.domain.metrics.days import local_days
from services.glucose.domain.metrics.fingersticks import agreement
from services.glucose.domain.metrics.mage import mean_amplitude
from services.glucose.domain.metrics.profile import daily_profile
from services.glucose.domain.metrics.readings import DAY_SECONDS, Readings
from tests.glucose.traces import made

MIDNIGHT = 1_700_006_400
"""2023-11-15, 00:00 UTC."""
HOUR = 3600


def every(minutes: float, days: float = 1.0, start: int = MIDNIGHT) -> Ints:
    return (start + np.arange(round(days * 1440 / minutes)) * 60 * minutes).astype(np.int64)


def of_devices(*parts: tuple[Ints, float]) -> Readings:
    """Each device's instants, and the value it always shows."""
    time = np.concatenate([seconds for seconds, _ in parts])
    value = np.concatenate([np.full(len(seconds), shown) for seconds, shown in parts])
    device = np.concatenate([np.full(len(seconds), number) for number, (seconds, _) in enumerate(parts)])
    zeros = np.zeros(len(time), dtype=np.int64)
    return Readings.of(time, zeros, value, zeros + Unit.MG_PER_DL, device)


def test_order_of_arrival_does_not_matter() -> None:
    time, value = every(5), np.arange(288.0) + 50
    shuffled = np.random.default_rng(1).permutation(288)
    ordered, mixed = made(time, value), made(time[shuffled], value[shuffled])
    assert (ordered.time == mixed.time).all()
    assert (ordered.mg_per_dl == mixed.mg_per_dl).all()


@pytest.mark.parametrize(("minutes", "interval"), [(1, 1), (3, 3), (5, 5), (15, 15), (120, 15)])
def test_the_interval_is_the_devices_own(minutes: int, interval: int) -> None:
    readings = made(every(minutes), np.full(1440 // minutes, 100.0))
    assert readings.interval_minutes == interval
    assert readings.active_percent(DAY_SECONDS) == pytest.approx(100 * min(1, interval / minutes))


def test_two_sensors_at_once_do_not_count_time_twice() -> None:
    readings = of_devices((every(5), 100.0), (every(5, days=1.5) + 120, 200.0))
    assert readings.active_percent(1.5 * DAY_SECONDS) == pytest.approx(100)
    assert len(readings) == 1.5 * 288
    assert set(readings.mg_per_dl) == {200.0}, "the device with the newest reading counts"


def test_where_the_newer_sensor_is_silent_the_older_one_counts() -> None:
    newer = every(5)
    newer = newer[(newer < MIDNIGHT + 6 * HOUR) | (newer >= MIDNIGHT + 12 * HOUR)]
    readings = of_devices((every(5), 100.0), (newer + 60, 200.0))
    assert np.count_nonzero(readings.mg_per_dl == 100.0) == 6 * 12
    assert readings.active_percent(DAY_SECONDS) == pytest.approx(100)


def test_a_change_from_a_slow_to_a_fast_sensor_is_fully_active() -> None:
    readings = of_devices((every(15), 100.0), (every(1, start=MIDNIGHT + DAY_SECONDS), 200.0))
    assert readings.active_percent(2 * DAY_SECONDS) == pytest.approx(100)


@given(st.lists(st.tuples(st.integers(0, 3 * DAY_SECONDS), st.integers(0, 4)), max_size=60))
def test_active_never_exceeds_100(found: list[tuple[int, int]]) -> None:
    time, device = np.array(found, dtype=np.int64).reshape(-1, 2).T
    ones = np.ones(len(time), dtype=np.int64)
    readings = Readings.of(time, 0 * ones, np.full(len(time), 100.0), ones, device)
    assert 0 <= readings.active_percent(600) <= 100


def test_the_grid_bridges_45_minutes_and_no_more() -> None:
    for minutes, bridged in ((45, True), (46, False)):
        gridded = grid(np.array([MIDNIGHT, MIDNIGHT + 60 * minutes]), np.array([100.0, 190.0]))
        assert not np.isnan(gridded[0])
        assert np.isnan(gridded[1:-1]).any() != bridged
    assert gridded[0] == 100.0


def test_nothing_to_compare_is_none() -> None:
    for seconds in np.empty(0, dtype=np.int64), np.array([MIDNIGHT]), every(5, days=0.1):
        gridded = grid(seconds, np.full(len(seconds), 120.0))
        assert mean_of_daily_differences(gridded) is None
        assert overall_net_action(gridded, 4) is None
        assert mean_amplitude(gridded) is None


def test_equal_days_do_not_differ() -> None:
    seconds = every(5, days=20)
    gridded = grid(seconds, 120 + 40 * np.sin(seconds / DAY_SECONDS * 2 * np.pi))
    assert mean_of_daily_differences(gridded) == pytest.approx(0, abs=1e-9)
    assert overall_net_action(gridded, 24) == pytest.approx(0, abs=1e-9)
    assert mean_amplitude(gridded) == pytest.approx(80, rel=0.05), "from trough to crest, but at both ends"


def test_local_days_are_as_long_as_they_were() -> None:
    """Berlin: the clocks went back in the night to 2023-10-29 and forward in the night to 2024-03-31."""
    for midnight, change, before, after, hours in (
        (1_698_530_400, 1_698_541_200, 120, 60, 25),
        (1_711_839_600, 1_711_846_800, 60, 120, 23),
    ):
        time = every(5, days=hours / 24, start=midnight)
        offset = np.where(time < change, before, after)
        ones = np.ones(len(time), dtype=np.int64)
        readings = Readings.of(time, offset, np.full(len(time), 100.0), ones, ones)
        (day,) = local_days(readings)
        assert day.seconds == hours * HOUR
        assert readings[day.chosen].active_percent(day.seconds) == pytest.approx(100)


def test_a_journey_westward_makes_one_long_day() -> None:
    """From Shanghai (UTC+8) to London at noon of 2023-11-15 UTC: the 15th had begun at 16:00 UTC of the 14th."""
    time = every(5, days=32 / 24, start=MIDNIGHT - 8 * HOUR)
    offset = np.where(time < MIDNIGHT + 12 * HOUR, 480, 0)
    ones = np.ones(len(time), dtype=np.int64)
    (day,) = local_days(Readings.of(time, offset, np.full(len(time), 100.0), ones, ones))
    assert day.seconds == 32 * HOUR
    assert len(day.chosen) == 32 * 12


def test_a_date_lived_twice_is_one_day() -> None:
    """At half past midnight in Shanghai the 15th has begun; in London it is still the 14th."""
    time = every(5, days=2, start=MIDNIGHT - 8 * HOUR - 12 * HOUR)
    offset = np.where(time < MIDNIGHT - 8 * HOUR + 1800, 480, 0)
    ones = np.ones(len(time), dtype=np.int64)
    days = list(local_days(Readings.of(time, offset, np.full(len(time), 100.0), ones, ones)))
    numbers = [day.number for day in days]
    assert numbers == sorted(set(numbers))
    assert sum(len(day.chosen) for day in days) == len(time)


def test_the_typical_day_needs_five_days() -> None:
    for days, told in ((4, False), (5, True)):
        bins = daily_profile(made(every(5, days=days), np.full(288 * days, 120.0)))
        assert [one.minute_of_day for one in bins] == list(range(0, 1440, 15))
        assert {one.days_count for one in bins} == {days}
        for one in bins:
            assert (one.raw is not None) == told
            assert (one.smoothed is not None) == told


def test_percentiles_of_a_bin_and_its_neighbours_round_midnight() -> None:
    time = every(15, days=10)
    day, at = np.divmod(np.arange(960), 96)
    bins = daily_profile(made(time, 100 + 10.0 * day + at))
    for number in 0, 50, 95:
        expected = np.quantile(100 + 10.0 * np.arange(10) + number, [0.05, 0.25, 0.5, 0.75, 0.95])
        assert bins[number].raw == pytest.approx(expected.tolist())
    assert bins[0].smoothed is not None
    assert bins[0].smoothed[2] == pytest.approx(145 + (95 + 0 + 1) / 3)


def test_a_bin_without_neighbours_is_its_own_mean() -> None:
    time = (MIDNIGHT + np.arange(6) * DAY_SECONDS + 600).astype(np.int64)
    bins = daily_profile(made(time, np.full(6, 120.0)))
    assert bins[0].smoothed == bins[0].raw == pytest.approx([120.0] * 5)
    assert all(one.raw is None for one in bins[1:])


def test_fingersticks_against_the_nearest_reading() -> None:
    sensor = made(every(5), np.linspace(90, 210, 288))
    at = np.array([MIDNIGHT + 60, MIDNIGHT + 12 * HOUR + 140, MIDNIGHT + DAY_SECONDS + HOUR])
    meter = made(at, np.array([80.0, 200.0, 100.0]))
    found = agreement(sensor, meter)
    assert found is not None
    near, far = sensor.mg_per_dl[0] - 80, sensor.mg_per_dl[144] - 200
    assert found.pairs_count == 2, "the third is an hour from any reading"
    assert found.mean_difference_mg_per_dl == pytest.approx((near + far) / 2)
    assert found.mard_percent == pytest.approx(50 * (near / 80 + abs(far) / 200))
    assert found.within_15_percent == pytest.approx(50)


def test_no_pair_is_none() -> None:
    some, none = made(every(5), np.full(288, 100.0)), made(np.empty(0, dtype=np.int64), np.empty(0))
    assert agreement(some, none) is agreement(none, some) is None
    assert agreement(some[:1], made(np.array([MIDNIGHT + 301]), np.array([100.0]))) is None
    assert agreement(some[:1], made(np.array([MIDNIGHT + 300]), np.array([100.0]))) is not None
