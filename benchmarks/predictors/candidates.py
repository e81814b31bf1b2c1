"""The predictors that are compared. All reckon with the readings of `recent`, so that they differ in how they foretell,
not in when they dare to.
"""

from collections.abc import Callable, Sequence
from math import exp, log
from statistics import linear_regression

from services.glucose.domain.prediction import Reading, predicted_mg_per_dl, recent, value_at

type Predictor = Callable[[Sequence[Reading], float], float | None]
"""Readings, oldest first, and minutes ahead give mg/dL, or None where nobody can tell."""


def last_value(readings: Sequence[Reading], _minutes_ahead: float) -> float | None:
    """Nothing changes: what any other must beat."""
    series = recent(readings)
    return series[0][1] if series else None


def linear(window_minutes: float) -> Predictor:
    """The newest reading, and from there the least-squares slope of a window."""

    def predict(readings: Sequence[Reading], minutes_ahead: float) -> float | None:
        series = recent(readings)
        if not series:
            return None
        window = [reading for reading in series if series[0][0] - reading[0] <= window_minutes]
        rate = linear_regression(*zip(*(window if len(window) > 1 else series[:2]), strict=True)).slope
        return series[0][1] + rate * minutes_ahead

    return predict


def kalman(jolt: float) -> Predictor:
    """State [g, dg/dt], F = [[1, Δt], [0, 1]] (Bequette 2010, PMC2864177); the rate is a random walk.

    `jolt` is the standard deviation that the rate gains in a minute, mg/dL/min, where a sensor's own is 4 mg/dL.
    """
    noise, drift = 4.0**2, jolt**2

    def predict(readings: Sequence[Reading], minutes_ahead: float) -> float | None:
        series = recent(readings)
        if not series:
            return None
        last, glucose = series[-1]
        rate, var, cov, var_rate = 0.0, noise, 0.0, 2.0**2
        for minutes, measured in reversed(series[:-1]):
            step, last = minutes - last, minutes
            glucose += rate * step
            var += 2 * step * cov + step**2 * var_rate + drift * step**3 / 3
            cov += step * var_rate + drift * step**2 / 2
            var_rate += drift * step
            gain, gain_of_rate = var / (var + noise), cov / (var + noise)
            surprise = measured - glucose
            glucose, rate = glucose + gain * surprise, rate + gain_of_rate * surprise
            var, cov, var_rate = (1 - gain) * var, (1 - gain) * cov, var_rate - gain_of_rate * cov
        return glucose + rate * minutes_ahead

    return predict


def ar2(readings: Sequence[Reading], minutes_ahead: float) -> float | None:
    """Nightscout's: x = ln(g / 140), every 5 minutes x₊₁ = 1.716·x₀ − 0.723·x₋₁; between readings on the line."""
    series = recent(readings)
    if not series:
        return None
    before, last = (log(value_at(series, series[0][0] - back) / 140) for back in (5, 0))
    for _ in range(round(minutes_ahead / 5)):
        before, last = last, 1.716 * last - 0.723 * before
    return 140 * exp(last)


def mean_of(one: Predictor, other: Predictor) -> Predictor:
    """A combination."""

    def predict(readings: Sequence[Reading], minutes_ahead: float) -> float | None:
        first, second = one(readings, minutes_ahead), other(readings, minutes_ahead)
        return None if first is None or second is None else (first + second) / 2

    return predict


LINEAR_MINUTES = 16.0
KALMAN_JOLT = 0.5
"""The best on the training patients, as `fit.py` finds them."""

CHOSEN = "learned"
CANDIDATES: dict[str, Predictor] = {
    "last value": last_value,
    "linear": linear(LINEAR_MINUTES),
    "Kalman": kalman(KALMAN_JOLT),
    "AR2": ar2,
    "mean of Kalman and AR2": mean_of(kalman(KALMAN_JOLT), ar2),
    CHOSEN: predicted_mg_per_dl,
}
