"""How alike the days and hours are: on an even grid, so that values a time apart can be compared. g in mg/dL."""

import numpy as np

from services.glucose.domain.metrics import Floats, Ints

GRID_SECONDS = 300
LONGEST_BRIDGE_SECONDS = 45 * 60
_DAY, _HOUR = 86_400 // GRID_SECONDS, 3_600 // GRID_SECONDS


def grid(time: Ints, g: Floats) -> Floats:
    """Glucose every five minutes (on the five minutes of UTC, and so of every zone), by straight lines between the
    readings; NaN where two readings lie more than 45 minutes apart. `time` in seconds, ascending."""
    if not len(time):
        return np.empty(0)
    first, last = -(-time[0] // GRID_SECONDS), time[-1] // GRID_SECONDS
    points = np.arange(first, last + 1) * GRID_SECONDS
    values: Floats = np.interp(points, time, g)
    behind = np.searchsorted(time, points, side="right") - 1
    ahead = np.minimum(behind + 1, len(time) - 1)
    in_gap = (time[ahead] - time[behind] > LONGEST_BRIDGE_SECONDS) & (points > time[behind])
    values[in_gap] = np.nan
    return values


def mean_of_daily_differences(gridded: Floats) -> float | None:
    """MODD: the mean of |g(t) − g(t − 24 h)|, mg/dL (Molnar 1972, doi 10.1007/BF01218495)."""
    apart = _apart(gridded, _DAY)
    return float(np.mean(np.abs(apart))) if len(apart) else None


def overall_net_action(gridded: Floats, hours: int) -> float | None:
    """CONGA-n: the standard deviation (n − 1) of g(t) − g(t − n hours), mg/dL (McDonnell 2005,
    doi 10.1089/dia.2005.7.253)."""
    apart = _apart(gridded, hours * _HOUR)
    return float(np.std(apart, ddof=1)) if len(apart) > 1 else None


def _apart(gridded: Floats, steps: int) -> Floats:
    """Every difference over so many steps of which both ends are known."""
    found = gridded[steps:] - gridded[:-steps]
    return found[~np.isnan(found)]
