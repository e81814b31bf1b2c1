"""A window's readings as arrays."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from glycemia.units import MG_PER_DL_PER_MMOL_PER_L, Unit
from services.glucose.domain.metrics import Flags, Floats, Ints

DAY_SECONDS = 86_400
_SLOT_SECONDS = 900
_DIGITS = 3
"""More than any device gives, fewer than four-byte floating point keeps (2 in 1,000,000 at 55 mmol/L)."""
_LONGEST_INTERVAL = 15
"""Minutes; no sensor lets more pass, so more is a gap."""
_COMMON_INTERVAL = 5


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings in order of time. Each array has one place for each."""

    time: Ints
    """Seconds since 1970, UTC."""
    local_time: Ints
    """What the patient's wall clock showed, counted in the same way."""
    mg_per_dl: Floats
    value: Floats
    """As measured, in its own unit."""
    in_mmol: Flags
    """Whether that is mmol/L."""
    interval: Floats
    """Minutes that the device lets pass from one to the next: the time that a reading speaks for."""
    bound: Ints
    """`Bound`: what the device said instead of a value; the value is its limit then."""

    @classmethod
    def of(
        cls,
        time: Ints,
        utc_offset_minutes: Ints,
        mg_per_dl: Floats,
        unit: Ints,
        device: Ints,
        bound: Ints | None = None,
    ) -> Self:
        """In any order, of any number of devices, as stored: mg/dL with four bytes' precision, and the unit of each.
        Without bounds, all values are measurements."""
        order = np.argsort(time, kind="stable")
        time, device = time[order], device[order]
        interval = _intervals(time, device)
        kept = _one_device_at_a_time(time, device)
        order, time, interval = order[kept], time[kept], interval[kept]
        in_mmol = unit[order] == Unit.MMOL_PER_L
        factor = np.where(in_mmol, MG_PER_DL_PER_MMOL_PER_L, 1.0)
        value = np.round(mg_per_dl[order] / factor, _DIGITS)
        bounds = np.zeros(len(time), dtype=np.int64) if bound is None else bound[order].astype(np.int64)
        return cls(time, time + 60 * utc_offset_minutes[order], value * factor, value, in_mmol, interval, bounds)

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, chosen: slice | Flags | Ints) -> "Readings":
        """Some of them."""
        return Readings(
            self.time[chosen],
            self.local_time[chosen],
            self.mg_per_dl[chosen],
            self.value[chosen],
            self.in_mmol[chosen],
            self.interval[chosen],
            self.bound[chosen],
        )

    @property
    def local_day(self) -> Ints:
        """The patient's date of each, in days since 1970."""
        return self.local_time // DAY_SECONDS

    @property
    def minute_of_day(self) -> Ints:
        """Minutes since the patient's midnight."""
        return self.local_time % DAY_SECONDS // 60

    @property
    def interval_minutes(self) -> int:
        """The median of the intervals; 0 without readings."""
        return int(np.median(self.interval)) if len(self) else 0

    @property
    def recorded_minutes(self) -> float:
        """The time that the readings speak for."""
        return float(self.interval.sum())

    def active_percent(self, window_seconds: float) -> float:
        """Readings as a percentage of those expected in the window: the time they speak for over its length."""
        return min(100.0, 6000 * self.recorded_minutes / window_seconds) if len(self) else 0.0


def _intervals(time: Ints, device: Ints) -> Floats:
    """For each reading the median gap of its device, a whole minute, 1 to 15; 5 where a device has but one reading."""
    if not len(time):
        return np.empty(0)
    gaps = pd.Series(time).groupby(device).diff()
    median = (gaps / 60).groupby(device).transform("median")
    return median.round().fillna(_COMMON_INTERVAL).clip(1, _LONGEST_INTERVAL).to_numpy()


def _one_device_at_a_time(time: Ints, device: Ints) -> Flags:
    """Which readings count where devices read side by side: in each quarter of an hour (UTC) those of one device, of
    the one that has the newest reading in the window. A quarter is as long as the slowest sensor's interval."""
    devices, code = np.unique(device, return_inverse=True)
    if len(devices) < 2:
        return np.ones(len(time), dtype=bool)
    newest = np.zeros(len(devices), dtype=np.int64)
    np.maximum.at(newest, code, time)
    place = np.empty(len(devices), dtype=np.int64)
    place[np.lexsort((devices, newest))] = np.arange(len(devices))
    of_each = place[code]
    best = pd.Series(of_each).groupby(time // _SLOT_SECONDS).transform("max").to_numpy()
    return np.asarray(of_each == best)
