"""Which way glucose goes: the arrow of a sensor's last quarter of an hour."""

from collections.abc import Callable, Sequence
from datetime import UTC, timedelta

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


def rate_of(readings: Sequence[Entry], measured_minutes: MeasuredMinutes = true_minutes) -> float | None:
    """mg/dL a minute over the newest reading's last ~15 minutes; None where nobody can tell.

    It compares readings of the newest one's own device alone, for two sensors may differ by more than glucose moves,
    and counts minutes as that device does.
    `readings` are in order of time.
    """
    newest = readings[-1]
    earliest, minutes = newest, 0.0
    for reading in reversed(readings):
        if reading.device != newest.device or reading.WhichOneof("content") != newest.WhichOneof("content"):
            continue
        passed = measured_minutes(newest.time.ToDatetime(UTC) - reading.time.ToDatetime(UTC), newest.device)
        if passed > WINDOW_MINUTES or passed - minutes > LONGEST_STEP_MINUTES:
            break
        if glucose_of(reading).bound in BOUNDS:
            return None
        earliest, minutes = reading, passed
    if newest.WhichOneof("content") != "sensor_reading" or minutes < LEAST_MINUTES:
        return None
    return (mg_per_dl(glucose_of(newest)) - mg_per_dl(glucose_of(earliest))) / minutes


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
