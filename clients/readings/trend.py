"""Which way glucose goes: the arrow of a sensor's last quarter of an hour."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from apricot.glucose.v1.entry_pb2 import Entry, Glucose

from clients.readings.levels import BOUNDS, mg_per_dl

type MeasuredMinutes = Callable[[timedelta, str], float]
"""The minutes that a device measured between two of its readings; the demo's time-lapse has clocks of its own."""

WINDOW_MINUTES = 16.0  # three steps of five minutes, and a sensor's jitter
LONGEST_STEP_MINUTES = 11.0  # one reading may be missing; after more, the series begins anew
LEAST_MINUTES = 8.0  # one step alone is mostly noise


def true_minutes(passed: timedelta, _device: str) -> float:
    """As clocks on earth count them."""
    return passed.total_seconds() / 60


class Measured(Protocol):
    """A reading, as far as a trend is told from it."""

    @property
    def time_ns(self) -> int:
        """Its instant: nanoseconds of the epoch."""

    @property
    def device(self) -> str: ...

    @property
    def from_sensor(self) -> bool: ...

    @property
    def mg_per_dl(self) -> float: ...

    @property
    def bounded(self) -> bool:
        """Whether the device said LOW or HIGH instead of a value."""


def rate(readings: Sequence[Measured], measured_minutes: MeasuredMinutes = true_minutes) -> float | None:
    """mg/dL a minute over the newest reading's last ~15 minutes; None where nobody can tell.

    It compares readings of the newest one's own device alone, for two sensors may differ by more than glucose moves,
    and counts minutes as that device does.
    `readings` are in order of time.
    """
    newest = readings[-1]
    if not newest.from_sensor:
        return None
    earliest, minutes = newest, 0.0
    for reading in reversed(readings):
        if reading.device != newest.device or not reading.from_sensor:
            continue
        passed = measured_minutes(timedelta(microseconds=(newest.time_ns - reading.time_ns) / 1000), newest.device)
        if passed > WINDOW_MINUTES or passed - minutes > LONGEST_STEP_MINUTES:
            break
        if reading.bounded:
            return None
        earliest, minutes = reading, passed
    return None if minutes < LEAST_MINUTES else (newest.mg_per_dl - earliest.mg_per_dl) / minutes


def rate_of(readings: Sequence[Entry], measured_minutes: MeasuredMinutes = true_minutes) -> float | None:
    """The same of diary entries that are readings, in order of time."""
    return rate([_Of(reading) for reading in readings], measured_minutes)


def arrow(rate: float | None) -> str:
    """→ up to 1 mg/dL/min, ↗ up to 2, ↑ up to 3, ↑↑ beyond (as Dexcom's and Nightscout's); the same downwards."""
    if rate is None:
        return ""
    steep = abs(rate)
    if steep <= 1:
        return "→"
    up = rate > 0
    if steep <= 2:
        return "↗" if up else "↘"
    return ("↑" if up else "↓") * (1 if steep <= 3 else 2)


def glucose_of(reading: Entry) -> Glucose:
    """The value of a sensor or fingerstick reading."""
    sensor = reading.HasField("sensor_reading")
    return reading.sensor_reading.glucose if sensor else reading.fingerstick_reading.glucose


@dataclass(frozen=True)
class _Of:
    """A diary entry so seen."""

    entry: Entry

    @property
    def time_ns(self) -> int:
        return self.entry.time.ToNanoseconds()

    @property
    def device(self) -> str:
        return self.entry.device

    @property
    def from_sensor(self) -> bool:
        return self.entry.HasField("sensor_reading")

    @property
    def mg_per_dl(self) -> float:
        return mg_per_dl(glucose_of(self.entry))

    @property
    def bounded(self) -> bool:
        return glucose_of(self.entry).bound in BOUNDS
