"""Where glucose goes: its rate of change and its value some minutes ahead.

A Kalman filter over the state [g, ġ] with F = [[1, Δt], [0, 1]] (Bequette 2010, J Diabetes Sci Technol 4:404,
PMC2864177): the rate is a random walk, what a sensor shows is g with noise.
"""

from collections.abc import Sequence

_RATE_VARIANCE_PER_MINUTE = 0.02
"""By how much the rate wanders, (mg/dL/min)² a minute."""
_SENSOR_VARIANCE = 9.0
"""Of a sensor's noise, (mg/dL)²."""
_FEWEST = 3
_LONGEST_MINUTES = 60.0
"""Older readings tell nothing any more."""


def rate_mg_per_dl_per_minute(readings: Sequence[tuple[float, float]]) -> float | None:
    """The rate at the last of one device's readings (minutes, mg/dL), oldest first; none: too few to tell."""
    state = _filter(readings)
    return state[1] if state else None


def predicted_mg_per_dl(readings: Sequence[tuple[float, float]], minutes_ahead: float) -> float | None:
    """The value so many minutes after the last reading, were the rate to last; none: too few readings to tell."""
    state = _filter(readings)
    return state[0] + state[1] * minutes_ahead if state else None


def _filter(readings: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    recent = [reading for reading in readings if reading[0] >= readings[-1][0] - _LONGEST_MINUTES]
    if len(recent) < _FEWEST:
        return None
    last, glucose = recent[0]
    rate = 0.0
    p00, p01, p11 = _SENSOR_VARIANCE, 0.0, 4.0
    for minutes, measured in recent[1:]:
        step = minutes - last
        last = minutes
        glucose += rate * step
        p00 += step * (2 * p01 + step * p11) + _RATE_VARIANCE_PER_MINUTE * step**3 / 3
        p01 += step * p11 + _RATE_VARIANCE_PER_MINUTE * step**2 / 2
        p11 += _RATE_VARIANCE_PER_MINUTE * step
        gain0, gain1 = p00 / (p00 + _SENSOR_VARIANCE), p01 / (p00 + _SENSOR_VARIANCE)
        surprise = measured - glucose
        glucose, rate = glucose + gain0 * surprise, rate + gain1 * surprise
        p11 -= gain1 * p01
        p00, p01 = (1 - gain0) * p00, (1 - gain0) * p01
    return glucose, rate
