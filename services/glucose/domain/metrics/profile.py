"""The typical day: percentiles by time of day over local days."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.glucose.domain.metrics.bands import DAY_MINUTES
from services.glucose.domain.metrics.readings import Readings

BIN_MINUTES = 15
FEWEST_DAYS = 5
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_BINS = DAY_MINUTES // BIN_MINUTES


@dataclass(frozen=True)
class Bin:
    """A quarter of an hour. The percentiles (5, 25, 50, 75, 95; mg/dL) are None with too few days."""

    minute_of_day: int
    days_count: int
    raw: list[float] | None
    smoothed: list[float] | None


def daily_profile(readings: Readings) -> list[Bin]:
    """96 bins of 15 minutes of the patient's clock; linear quantiles from five days on; beside them the mean of
    neighbouring bins that have any, over three on the circle of the day (Battelino 2019 asks for these five)."""
    number = readings.minute_of_day // BIN_MINUTES
    groups = pd.DataFrame({"day": readings.local_day, "g": readings.mg_per_dl}).groupby(number)
    days = groups["day"].nunique().reindex(range(_BINS), fill_value=0)
    quantiles = (
        groups["g"].quantile(np.array(QUANTILES)).unstack() if len(readings) else pd.DataFrame(columns=QUANTILES)
    )
    raw = quantiles.reindex(range(_BINS)).to_numpy(dtype=float, copy=True)
    raw[days.to_numpy() < FEWEST_DAYS] = np.nan
    neighbours = np.stack([np.roll(raw, 1, axis=0), raw, np.roll(raw, -1, axis=0)])
    known = ~np.isnan(neighbours)
    smoothed = np.where(known, neighbours, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return [
        Bin(at * BIN_MINUTES, int(days[at]), raw[at].tolist(), smoothed[at].tolist())
        if days[at] >= FEWEST_DAYS
        else Bin(at * BIN_MINUTES, int(days[at]), None, None)
        for at in range(_BINS)
    ]
