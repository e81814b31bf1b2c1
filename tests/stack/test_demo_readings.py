"""What the ward says about a value: its band, its trend, its words."""

from datetime import UTC, timedelta

import pytest
from apricot.glucose.v1.entry_pb2 import (
    GLUCOSE_BOUND_HIGH,
    GLUCOSE_BOUND_LOW,
    GLUCOSE_BOUND_UNSPECIFIED,
    GLUCOSE_UNIT_MG_PER_DL,
    GLUCOSE_UNIT_MMOL_PER_L,
    Entry,
    Glucose,
    GlucoseBound,
    GlucoseUnit,
)

from clients.readings.levels import Level, level_of, number
from clients.readings.trend import arrow, rate_of
from stack.demo.lapse import REPLAYED_SENSOR, SPEED, measured_minutes
from stack.demo.sparkline import columns
from stack.demo.words import age, reading_line
from tests.stack.demo_readings import NOW, PHONE, STEP, series

MG, MMOL = GLUCOSE_UNIT_MG_PER_DL, GLUCOSE_UNIT_MMOL_PER_L


@pytest.mark.parametrize(
    ("value", "unit", "level"),
    [
        (53.9, MG, Level.VERY_LOW),
        (54, MG, Level.LOW),
        (69, MG, Level.LOW),
        (70, MG, Level.IN_RANGE),
        (180, MG, Level.IN_RANGE),
        (181, MG, Level.HIGH),
        (250, MG, Level.HIGH),
        (251, MG, Level.VERY_HIGH),
        (2.9, MMOL, Level.VERY_LOW),
        (3.0, MMOL, Level.LOW),
        (3.8, MMOL, Level.LOW),
        (3.9, MMOL, Level.IN_RANGE),
        (10.0, MMOL, Level.IN_RANGE),  # 180.2 mg/dL
        (10.1, MMOL, Level.HIGH),
        (13.9, MMOL, Level.HIGH),  # 250.4 mg/dL
        (14.0, MMOL, Level.VERY_HIGH),
    ],
)
def test_levels_in_the_unit_as_measured(value: float, unit: GlucoseUnit.ValueType, level: Level) -> None:
    assert level_of(Glucose(value=value, unit=unit)) is level


@pytest.mark.parametrize(
    ("value", "unit", "bound", "shown", "level", "line"),
    [
        (40, MG, GLUCOSE_BOUND_LOW, "LOW", Level.VERY_LOW, "LOW (below 40 mg/dL) very low"),
        (22.2, MMOL, GLUCOSE_BOUND_HIGH, "HIGH", Level.VERY_HIGH, "HIGH (above 22.2 mmol/L) very high"),
        (126, MG, GLUCOSE_BOUND_UNSPECIFIED, "126", Level.IN_RANGE, "126 mg/dL in range"),
        (7, MMOL, GLUCOSE_BOUND_UNSPECIFIED, "7.0", Level.IN_RANGE, "7.0 mmol/L in range"),
    ],
)
def test_values_as_a_meter_shows_them(
    value: float,
    unit: GlucoseUnit.ValueType,
    bound: GlucoseBound.ValueType,
    shown: str,
    level: Level,
    line: str,
) -> None:
    glucose = Glucose(value=value, unit=unit, bound=bound)
    assert (number(glucose), level_of(glucose)) == (shown, level)
    assert reading_line(PHONE.sensor_reading(NOW, value, unit, bound), None) == line


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (None, ""),
        (0, "→"),
        (1, "→"),
        (-1, "→"),
        (1.1, "↗"),
        (2, "↗"),
        (-2, "↘"),
        (2.1, "↑"),
        (3, "↑"),
        (-3, "↓"),
        (3.1, "↑↑"),
        (-4, "↓↓"),
    ],
)
def test_arrows(rate: float | None, shown: str) -> None:
    assert arrow(rate) == shown


def test_the_rate_of_a_quarter_of_an_hour() -> None:
    assert rate_of(series(300, 100, 110, 120, 130)) == pytest.approx(2)


def test_the_rate_in_time_lapse_is_that_of_the_recorded_day() -> None:
    lapse = series(100, 110, 120, 130, device=REPLAYED_SENSOR, step=STEP / SPEED)
    assert rate_of(lapse, measured_minutes) == pytest.approx(2)
    history = series(250, 250, 250, end=lapse[0].time.ToDatetime(UTC))
    assert rate_of([*history, *lapse], measured_minutes) == pytest.approx(2)


def test_the_rate_of_mmol_per_l_is_in_mg_per_dl() -> None:
    readings = [PHONE.sensor_reading(NOW + STEP * index, 5 + index, MMOL) for index in range(4)]
    assert rate_of(readings) == pytest.approx(18.0156 / 5)


@pytest.mark.parametrize(
    "readings",
    [
        series(100),
        series(100, 140),  # one step alone is noise
        [*series(100, 100, 100, end=NOW - timedelta(hours=2)), *series(150)],
        [*series(100, 100, 100, end=NOW - timedelta(minutes=15)), *series(150)],
        [PHONE.fingerstick_reading(NOW + STEP * index, 100 + 20 * index) for index in range(4)],
        [PHONE.sensor_reading(NOW + STEP * index, 40, bound=GLUCOSE_BOUND_LOW) for index in range(4)],
    ],
    ids=["one", "two", "after a gap", "after a short gap", "fingersticks", "bounds"],
)
def test_no_rate_where_nobody_can_tell(readings: list[Entry]) -> None:
    assert rate_of(readings) is None


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3, "now"),
        (2.9, "now"),
        (12, "12 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (7200, "2 h"),
        (2e5, "2 d"),
    ],
)
def test_ages(seconds: float, shown: str) -> None:
    assert age(timedelta(seconds=seconds)) == shown


def test_sparklines_share_one_scale() -> None:
    assert columns([20, 40, 110, 300, 400], 1) == ["▁", "▁", "▄", "█", "█"]
    assert columns([40, 110, 300], 2) == [" ▁", " █", "██"]
    assert columns([], 3) == []
