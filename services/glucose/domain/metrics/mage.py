"""The mean amplitude of glycaemic excursions, by the turning points of two moving averages.

Service 1970 (doi 10.2337/diab.19.9.644) drew it by hand; the published algorithms differ, and so do their figures.
This is the one of Fernandes 2022 (doi 10.1177/19322968211061165), with its windows of 5 and 32 points of the 5-minute
grid: where the short average crosses the long one, glucose has turned; between two crossings lies a peak or a nadir of
glucose itself; a rise or fall between these counts when it is larger than the standard deviation.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from services.glucose.domain.metrics import Flags, Floats

ALGORITHM = "Fernandes 2022, moving averages of 5 and 32 points, rises and falls"

_SHORT, _LONG = 5, 32
_FEWEST_POINTS = 7
_SMALLEST_SD = 1.0
_SPLIT_POINTS = 180 // 5
"""A gap of more than three hours parts the trace; each part is measured by itself."""


def mean_amplitude(gridded: Floats) -> float | None:
    """MAGE, mg/dL: the mean height of the rises and that of the falls, each weighted by the length of its part of the
    trace. None where nothing is larger than a standard deviation."""
    amplitudes: list[float] = []
    weights: list[int] = []
    for part in _parts(gridded):
        for heights in _excursions(part):
            amplitudes.append(float(np.mean(heights)))
            weights.append(len(part) - 1)
    return float(np.average(amplitudes, weights=weights)) if amplitudes else None


def _parts(gridded: Floats) -> Iterator[Floats]:
    """The trace between long gaps; each part begins and ends with a value."""
    known = np.flatnonzero(~np.isnan(gridded))
    if not len(known):
        return
    cuts = np.flatnonzero(np.diff(known) > _SPLIT_POINTS)
    for first, last in zip(np.append(0, cuts + 1), np.append(cuts, len(known) - 1), strict=True):
        yield gridded[known[first] : known[last] + 1]


def _excursions(part: Floats) -> Iterator[list[float]]:
    """The heights of the rises, then those of the falls, where there are any."""
    if len(part) < _FEWEST_POINTS or (sd := float(np.nanstd(part, ddof=1))) < _SMALLEST_SD:
        return
    turns = _turning_points(part)
    for signed in turns, -turns:
        if heights := _rises(signed, sd):
            yield heights


def _turning_points(part: Floats) -> Floats:
    """Peaks and nadirs in turn: between two crossings, counted from the turning point before."""
    above = _short_above_long(part)
    crossings = np.flatnonzero(np.diff(above)) + 1
    turns: list[float] = []
    at = 0
    for start, end in zip(np.append(0, crossings), np.append(crossings, len(part) - 1), strict=True):
        stretch = part[at : end + 1]
        at += int(np.nanargmax(stretch) if above[start] else np.nanargmin(stretch))
        turns.append(float(part[at]))
    return np.array(turns)


def _short_above_long(part: Floats) -> Flags:
    """Whether the short average lies above the long one; where they are equal, as before."""
    short, long = _moving_average(part, _SHORT), _moving_average(part, _LONG)
    side = pd.Series(np.sign(short - long)).replace(0, np.nan).ffill().fillna(-1)
    return np.asarray(side > 0)


def _moving_average(part: Floats, points: int) -> Floats:
    """Of the points up to each; the first ones take the first whole average."""
    average = pd.Series(part).rolling(points, min_periods=1).mean().to_numpy(copy=True)
    average[:points] = average[min(points, len(part)) - 1]
    return average


def _rises(turns: Floats, sd: float) -> list[float]:
    """Heights from the lowest turning point to the highest, wherever more than a standard deviation lies between, up to
    a fall of more than that."""
    heights: list[float] = []
    low = high = float(turns[0])
    rising = False
    for turn in turns.tolist():
        if not rising:
            low = min(low, turn)
            rising, high = turn - low > sd, turn
        elif turn >= high:
            high = turn
        elif turn - high < -sd:
            heights.append(high - low)
            rising, low = False, turn
    return [*heights, high - low] if rising else heights
