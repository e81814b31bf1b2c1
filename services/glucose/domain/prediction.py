"""Where glucose is heading. How the predictor was chosen, and what it is worth: docs/adr/0008."""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log

type Reading = tuple[float, float]
"""Minutes since any origin, and mg/dL."""

HISTORY_MINUTES = 30.0
"""As far back as anything here looks."""
LONGEST_STEP_MINUTES = 16.5
"""Between two readings: a 15-minute sensor's step, or two lost of a 5-minute one. After more, nobody can tell."""
LEAST_MINUTES = 9.0
"""The change over a shorter time is mostly noise."""
RATE_MINUTES = 16.5
"""A quarter of an hour, and a sensor's jitter."""
SENSOR_RANGE_MG_PER_DL = (40.0, 399.5)
"""At its ends and beyond, a sensor tells a bound and no value: LOW, and HIGH, 400 mg/dL or 22.2 mmol/L (399.95)."""

PREDICTED_MINUTES = 20.0
"""The horizon that the weights were fitted for."""
LONGEST_MINUTES = 30.0
"""The longest that may be asked for."""
WEIGHTS = ((5.0, 0.70), (10.0, 0.69))
"""Minutes back, and how much of the change since then goes on (`python -m benchmarks.predictors.fit`)."""
SOON_MARGIN_MG_PER_DL = 3.5
"""Added to the threshold of urgent low soon: as much as costs at most one false alert in two days."""


def rate_mg_per_dl_per_minute(readings: Sequence[Reading]) -> float | None:
    """How fast glucose changes now: the least-squares slope of the last quarter of an hour.

    `readings` are one device's, oldest first. None where nobody can tell: the newest is a bound, or comes after a gap.
    """
    series = recent(readings)
    if not series:
        return None
    window = [reading for reading in series if series[0][0] - reading[0] <= RATE_MINUTES]
    mean_minutes = sum(minutes for minutes, _ in window) / len(window)
    spread = sum((minutes - mean_minutes) ** 2 for minutes, _ in window)
    return sum((minutes - mean_minutes) * mg_per_dl for minutes, mg_per_dl in window) / spread


def predicted_mg_per_dl(readings: Sequence[Reading], minutes_ahead: float) -> float | None:
    """What the sensor will show if a part of the last change goes on, in proportion to glucose:

        ln g(t+20) = ln g(t) + Σ wₖ·(ln g(t) − ln g(t−k)), k minutes back

    The weights were learned for 20 minutes; other horizons, 0 to 30, lie on the same curve. `readings` as above.
    """
    if not 0 <= minutes_ahead <= LONGEST_MINUTES:
        raise ValueError(f"nobody can tell further than {LONGEST_MINUTES:g} minutes ahead")
    series = recent(readings)
    if not series:
        return None
    newest, mg_per_dl = series[0]
    change = sum(weight * log(mg_per_dl / value_at(series, newest - back)) for back, weight in WEIGHTS)
    lowest, highest = SENSOR_RANGE_MG_PER_DL
    return min(max(mg_per_dl * exp(change * minutes_ahead / PREDICTED_MINUTES), lowest), highest)


def recent(readings: Sequence[Reading]) -> list[Reading]:
    """The readings one can reckon with, newest first: back to a gap or a bound, and of those at one time the last.
    Empty where they span too little."""
    lowest, highest = SENSOR_RANGE_MG_PER_DL
    series: list[Reading] = []
    for minutes, mg_per_dl in reversed(readings):
        if series:
            if minutes >= series[-1][0]:
                continue
            if series[-1][0] - minutes > LONGEST_STEP_MINUTES or series[0][0] - minutes > HISTORY_MINUTES:
                break
        if not lowest < mg_per_dl < highest:
            break
        series.append((minutes, mg_per_dl))
    return series if series and series[0][0] - series[-1][0] >= LEAST_MINUTES else []


def value_at(series: Sequence[Reading], minutes: float) -> float:
    """Glucose on the line between two readings of `recent`; before the oldest, the oldest."""
    for (later, after), (earlier, before) in pairwise(series):
        if earlier <= minutes:
            return after + (before - after) * (later - minutes) / (later - earlier)
    return series[-1][1]
