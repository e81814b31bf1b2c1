"""What is drawn of many points: no low is ever left out, and no line goes where nobody has measured."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from clients.clinician.models.patient.decimation import GAP_SECONDS, Floats, columns, joined, unbroken

steps = st.lists(st.integers(1, 5000), min_size=1, max_size=200)


def _points(steps: list[int], seed: int) -> tuple[Floats, Floats]:
    return np.cumsum(np.array(steps, float)), np.random.default_rng(seed).uniform(40, 400, len(steps))


@given(steps, st.integers(0, 99), st.floats(1, 20_000))
def test_each_column_holds_the_lowest_and_the_highest_of_its_points(steps: list[int], seed: int, width: float) -> None:
    times, values = _points(steps, seed)
    found = columns(times, values, width)
    number = np.floor(times / width)
    expected = [(values[number == one].min(), values[number == one].max()) for one in np.unique(number)]
    assert list(zip(found.low, found.high, strict=True)) == expected


@given(steps, st.integers(0, 99), st.floats(1, 20_000), st.integers(0, 199))
def test_panning_changes_no_column_but_the_first(steps: list[int], seed: int, width: float, begin: int) -> None:
    times, values = _points(steps, seed)
    whole, part = columns(times, values, width), columns(times[begin:], values[begin:], width)
    count = max(len(part.low) - 1, 0)
    assert list(part.low[1:]) == list(whole.low[len(whole.low) - count :])


@given(steps, st.integers(0, 99), st.floats(1, 600))
def test_the_line_goes_over_no_gap(steps: list[int], seed: int, width: float) -> None:
    times, values = _points(steps, seed)
    found = columns(times, values, width)
    between = found.first_time[1:] - found.last_time[:-1]
    assert list(joined(found)) == [seconds <= GAP_SECONDS for seconds in between]
    assert list(unbroken(times)) == [*(np.diff(times) <= GAP_SECONDS), False]


def test_one_very_low_reading_among_130_000_stays() -> None:
    times, values = 60.0 * np.arange(130_000, dtype=np.float64), np.full(130_000, 120.0)
    values[77_777] = 41.0
    found = columns(times, values, 90 * 86400 / 1200)
    assert found.low.min() == 41.0
    assert len(found.low) < 1300


def test_nothing_is_no_columns() -> None:
    found = columns(np.empty(0), np.empty(0), 60.0)
    assert len(found.low) == len(joined(found)) == len(unbroken(np.empty(0))) == 0
