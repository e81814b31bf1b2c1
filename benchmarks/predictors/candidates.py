"""The predictors that are compared. All reckon with the readings of `recent`, so that they differ in how they foretell,
not in when they dare to.
"""

from collections.abc import Callable, Sequence
from math import exp, log

from services.glucose.domain.prediction import Reading, recent, value_at

type Predictor = Callable[[Sequence[Reading], float], float | None]


def last_value(readings: Sequence[Reading], minutes_ahead: float) -> float | None:
    """Nothing changes: what any predictor must beat."""
    series = recent(readings)
    return series[0][1] if series else None


def linear(window_minutes: float) -> Predictor:
    """A straight line through the newest reading with the least-squares slope of the window."""

    def predict(readings: Sequence[Reading], minutes_ahead: float) -> float | None:
        series = recent(readings)
        if not series:
            return None
        return series[0][1] + slope(series, window_minutes) * minutes_ahead

    return predict


def kalman(spread_mg_per_dl: float, jolt_mg_per_dl_per_minute2: float) -> Predictor:
    """State [g, dg/dt], F = [[1, Δt], [0, 1]] (Bequette 2010, PMC2864177), the rate a random walk.

    `spread` is the sensor's standard deviation, `jolt` that of the rate after a minute.
    """
    noise, jolt = spread_mg_per_dl**2, jolt_mg_per_dl_per_minute2**2

    def predict(readings: Sequence[Reading], minutes_ahead: float) -> float | None:
        series = recent(readings)
        if not series:
            return None
        last, glucose = series[-1]
        rate, var, cov, var_rate = 0.0, noise, 0.0, 4.0
        for minutes, measured in reversed(series[:-1]):
            step, last = minutes - last, minutes
            glucose += rate * step
            var += 2 * step * cov + step * step * var_rate + jolt * step**3 / 3
            cov += step * var_rate + jolt * step * step / 2
            var_rate += jolt * step
            gain, gain_rate = var / (var + noise), cov / (var + noise)
            glucose, rate = glucose + gain * (measured - glucose), rate + gain_rate * (measured - glucose)
            var, cov, var_rate = (1 - gain) * var, (1 - gain) * cov, var_rate - gain_rate * cov
        return glucose + rate * minutes_ahead

    return predict


def ar2(readings: Sequence[Reading], minutes_ahead: float) -> float | None:
    """Nightscout's: x = ln(g / 140), each 5 minutes x₊₁ = 1.716·x₀ − 0.723·x₋₁, on interpolated readings."""
    series = recent(readings)
    if not series:
        return None
    now = series[0][0]
    before, last = (log(value_at(series, now - back) / 140) for back in (5, 0))
    for _ in range(round(minutes_ahead / 5)):
        before, last = last, 1.716 * last - 0.723 * before
    return 140 * exp(last)


def slope(series: Sequence[Reading], window_minutes: float) -> float:
    """Least squares, mg/dL a minute; a window of no two readings takes the newest two."""
    window = [reading for reading in series if series[0][0] - reading[0] <= window_minutes]
    window = window if len(window) > 1 else list(series[:2])
    mean_minutes = sum(minutes for minutes, _ in window) / len(window)
    spread = sum((minutes - mean_minutes) ** 2 for minutes, _ in window)
    return sum((minutes - mean_minutes) * mg_per_dl for minutes, mg_per_dl in window) / spread
