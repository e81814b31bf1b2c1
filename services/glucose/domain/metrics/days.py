"""Local days, one by one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.glucose.domain.metrics import Ints
from services.glucose.domain.metrics.readings import DAY_SECONDS, Readings


@dataclass(frozen=True)
class Day:
    """A patient's date and its readings."""

    number: int
    """Days since 1970."""
    chosen: Ints
    """Where its readings lie among all, in order of time."""
    seconds: int
    """How long the day is: 24 hours but when clocks are put forward or back, or the patient moves."""


def local_days(readings: Readings) -> Iterator[Day]:
    """Every local day that has readings, oldest first. Who travels westward may live the same date twice: it is one."""
    if not len(readings):
        return
    order = np.argsort(readings.local_day, kind="stable")
    day = readings.local_day[order]
    offset = (readings.local_time - readings.time)[order]
    for chosen in np.split(np.arange(len(day)), np.flatnonzero(np.diff(day)) + 1):
        first, last = chosen[0], chosen[-1]
        yield Day(int(day[first]), order[chosen], DAY_SECONDS - int(offset[last] - offset[first]))
