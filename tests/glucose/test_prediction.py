"""Where glucose is heading: laws of the rate and the prediction, and that the decision's figures can be had again."""

from collections.abc import Sequence
from math import exp, isfinite
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.predictors import series
from benchmarks.predictors.__main__ import row
from benchmarks.predictors.candidates import CHOSEN
from benchmarks.predictors.experience import Experience, Rule, live
from benchmarks.predictors.fit import weights
from glycemia.units import MG_PER_DL_PER_MMOL_PER_L
from services.glucose.domain.prediction import (
    HISTORY_MINUTES,
    LONGEST_MINUTES,
    SENSOR_RANGE_MG_PER_DL,
    SOON_MARGIN_MG_PER_DL,
    WEIGHTS,
    Reading,
    predicted_mg_per_dl,
    rate_mg_per_dl_per_minute,
)

ADR = Path(__file__).parents[2] / "docs" / "adr" / "0008-low-predictor.md"
LOWEST, HIGHEST = SENSOR_RANGE_MG_PER_DL

steps = st.sampled_from([1, 5, 15])
values = st.floats(60, 300)
anything = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(10, 1000)), max_size=40).map(sorted)
quarters = st.integers(2, 80).map(lambda quarters: quarters / 4)  # of a minute: exact, wherever they begin
irregular = st.lists(st.tuples(quarters, st.floats(10, 1000)), min_size=1, max_size=30)


def every(step: float, curve: Sequence[float]) -> list[Reading]:
    return [(index * step, value) for index, value in enumerate(curve)]


def at(pairs: Sequence[tuple[float, float]], origin: float = 0) -> list[Reading]:
    """Readings from pairs of minutes since the one before, and mg/dL."""
    readings, now = [], origin
    for step, value in pairs:
        now += step
        readings.append((now, value))
    return readings


@given(steps, values, st.floats(0, LONGEST_MINUTES))
def test_what_does_not_change_is_predicted_not_to(step: int, value: float, ahead: float) -> None:
    readings = every(step, [value] * 20)
    assert predicted_mg_per_dl(readings, ahead) == pytest.approx(value)
    assert rate_mg_per_dl_per_minute(readings) == pytest.approx(0, abs=1e-9)


@given(steps, st.floats(-3, 3).filter(lambda rate: abs(rate) > 0.1))
def test_a_straight_line_has_its_slope_and_is_predicted_to_go_on_in_part(step: int, rate: float) -> None:
    minutes = [step * index - 45.0 for index in range(45 // step + 1)]
    readings = [(minute, 200 + rate * minute) for minute in minutes]
    assert rate_mg_per_dl_per_minute(readings) == pytest.approx(rate)
    predicted = predicted_mg_per_dl(readings, 20)
    assert predicted is not None
    assert 0.4 < (predicted - 200) / (20 * rate) < 0.75


@given(st.floats(-0.02, 0.02))
def test_sensors_of_any_pace_foretell_the_same(relative_rate: float) -> None:
    predictions = [
        predicted_mg_per_dl([(minute, 120 * exp(relative_rate * minute)) for minute in range(-30, 1, step)], 20)
        for step in (1, 5, 15)
    ]
    assert predictions == [pytest.approx(predictions[0], rel=0.05)] * 3


@given(irregular, st.integers(-100_000, 100_000))
def test_the_origin_of_time_does_not_matter(pairs: list[tuple[float, float]], origin: int) -> None:
    here, there = at(pairs), at(pairs, origin)
    assert predicted_mg_per_dl(there, 20) == predicted_mg_per_dl(here, 20)
    rate = rate_mg_per_dl_per_minute(here)
    assert rate_mg_per_dl_per_minute(there) == (None if rate is None else pytest.approx(rate, abs=1e-6))


@given(st.lists(st.floats(100, 140), min_size=7, max_size=7), st.floats(0.8, 1.2))
def test_the_unit_does_not_matter(curve: list[float], factor: float) -> None:
    predicted = predicted_mg_per_dl(every(5, curve), 20)
    assert predicted is not None
    assert predicted_mg_per_dl(every(5, [value * factor for value in curve]), 20) == pytest.approx(predicted * factor)


@given(anything | irregular.map(at), st.floats(0, LONGEST_MINUTES))
def test_an_answer_is_a_value_that_a_sensor_can_show(readings: list[Reading], ahead: float) -> None:
    predicted, rate = predicted_mg_per_dl(readings, ahead), rate_mg_per_dl_per_minute(readings)
    assert (predicted is None) == (rate is None)
    if predicted is not None and rate is not None:
        assert LOWEST <= predicted <= HIGHEST
        assert isfinite(rate)


@given(irregular)
def test_what_is_older_than_the_history_does_not_matter(pairs: list[tuple[float, float]]) -> None:
    readings = at(pairs)
    history = [reading for reading in readings if readings[-1][0] - reading[0] <= HISTORY_MINUTES]
    assert predicted_mg_per_dl(readings, 20) == predicted_mg_per_dl(history, 20)
    assert rate_mg_per_dl_per_minute(readings) == rate_mg_per_dl_per_minute(history)


@pytest.mark.parametrize(
    "readings",
    [
        [],
        [(0, 100)],
        every(5, [100, 98]),
        [(0, 104), (5, 102), (10, 100), (27, 90)],  # a gap
        [(0, 104), (17, 100)],
        every(5, [100, 80, 60, 40]),  # LOW: nobody knows how low
        every(5, [340, 370, 400]),  # HIGH
        every(5, [340, 370, 22.2 * MG_PER_DL_PER_MMOL_PER_L]),
        every(5, [400, 380, 370]),  # no longer HIGH, but not for long
        [(10, 100), (10, 80), (10, 60)],
    ],
)
def test_nobody_can_tell(readings: list[Reading]) -> None:
    assert predicted_mg_per_dl(readings, 20) is None
    assert rate_mg_per_dl_per_minute(readings) is None


def test_of_two_readings_at_one_time_the_last_counts() -> None:
    once, twice = every(5, [100, 95, 90]), [(0, 100), (5, 50), (5, 95), (10, 300), (10, 90)]
    assert predicted_mg_per_dl(twice, 20) == predicted_mg_per_dl(once, 20)
    assert rate_mg_per_dl_per_minute(twice) == rate_mg_per_dl_per_minute(once)


def test_a_lost_reading_and_jitter_change_little() -> None:
    steady = predicted_mg_per_dl(every(5, [110, 105, 100, 95, 90]), 20)
    assert predicted_mg_per_dl([(0, 110), (5.2, 105), (14.8, 95), (20.1, 90)], 20) == pytest.approx(steady, abs=1.5)


@pytest.mark.parametrize("ahead", [-1, LONGEST_MINUTES + 1, float("nan")])
def test_nobody_can_tell_so_far_ahead(ahead: float) -> None:
    with pytest.raises(ValueError, match="minutes ahead"):
        predicted_mg_per_dl(every(5, [100, 95, 90]), ahead)


# What patients live through


def lived(curve: Sequence[float], predicted: Sequence[float | None], rule: Rule | None = None) -> Experience:
    experience = Experience()
    live(experience, every(5, curve), predicted, rule or Rule(0, 1))
    return experience


def test_an_event_is_foretold_by_the_alert_under_which_it_begins() -> None:
    foretold = lived([80, 75, 70, 60, 50, 50, 50, 50], [80, 54, 52, 50, 48, 50, 50, 50])
    assert [event.lead_minutes for event in foretold.events] == [15]
    assert (foretold.foretold_in_time, foretold.alerts, foretold.false_alerts) == (1, 1, 0)
    late = lived([80, 75, 70, 60, 50, 50, 50, 50], [80, 70, 60, 56, 48, 50, 50, 50])
    assert (len(late.events), late.foretold, late.alerts) == (1, 0, 0)


def test_an_alert_too_long_before_an_event_did_not_foretell_it() -> None:
    early = lived([80.0] * 9 + [50.0] * 4, [54.0] * 13)
    assert (early.foretold, early.under_older_alert, early.false_alerts) == (0, 1, 1)


@pytest.mark.parametrize(("curve", "is_steep"), [((90, 80, 70, 60, 50, 50, 50, 50), True), ((54,) * 8, False)])
def test_a_steep_fall_is_told_apart(curve: Sequence[float], is_steep: bool) -> None:
    assert [event.is_steep for event in lived(curve, [None] * 8).events] == [is_steep]


def test_an_alert_that_does_not_come_true_is_false_and_told_once() -> None:
    recovered = [80.0] * 9
    swinging = lived([70.0] * 12, [54, 60, 54, *recovered])
    assert (swinging.events, swinging.alerts, swinging.false_alerts) == ([], 1, 1)
    again = lived([70.0] * 13, [54, 80, 80, 80, 80, 54, *recovered[:7]])
    assert again.alerts == 2


def test_a_rule_of_two_readings_passes_over_one() -> None:
    assert lived([70.0] * 6, [54, 80, 54, 80, 80, 80], Rule(0, 2)).alerts == 0
    assert lived([70.0] * 6, [54, 54, 80, 80, 80, 80], Rule(0, 2)).alerts == 1


def test_a_short_low_is_no_event() -> None:
    assert lived([70, 60, 55, 54, 70, 70, 70, 70], [None] * 8).events == []
    assert lived([70, 60, 55, 54, 53, 70, 70, 70], [None] * 8).events != []


# The decision


def test_the_weights_are_what_the_training_patients_teach() -> None:
    learned = weights(series.training("G4"), [back for back, _ in WEIGHTS])
    assert [round(weight, 2) for weight in learned] == [weight for _, weight in WEIGHTS]


def test_the_decision_shows_what_the_chosen_predictor_is_worth() -> None:
    line = row(CHOSEN, predicted_mg_per_dl, Rule(SOON_MARGIN_MG_PER_DL, 1), series.testing("G4"))
    assert line in ADR.read_text(encoding="utf-8")
