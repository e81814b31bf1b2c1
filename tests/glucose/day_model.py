"""Daily figures by plain Python, straight from entries: what the database's must equal."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from itertools import pairwise
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apricot.glucose.v1.entry_pb2 import GLUCOSE_BOUND_LOW, GLUCOSE_UNIT_MMOL_PER_L, Entry, Glucose

from kit.times import to_datetime


class Figures(NamedTuple):
    """One day's."""

    bands: tuple[int, int, int, int, int]
    sum_mg_per_dl: float
    covered_minutes: int
    first_time: datetime | None
    last_time: datetime | None


def days_of(entries: Iterable[Entry]) -> dict[date, Figures]:
    """Each local day that has a reading."""
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.WhichOneof("content") in ("sensor_reading", "fingerstick_reading"):
            by_day[to_datetime(entry.time).astimezone(ZoneInfo(entry.time_zone)).date()].append(entry)
    return {day: _figures(found) for day, found in by_day.items()}


def glucose(entry: Entry) -> Glucose:
    """A reading's."""
    return entry.sensor_reading.glucose if entry.HasField("sensor_reading") else entry.fingerstick_reading.glucose


def mg_per_dl(entry: Entry) -> float:
    """A reading's value."""
    found = glucose(entry)
    return found.value * (18.0156 if found.unit == GLUCOSE_UNIT_MMOL_PER_L else 1)


def band(found: Glucose) -> int:
    """0 very low to 4 very high, in the reading's own unit; LOW and HIGH are beyond every edge."""
    if found.bound:
        return 0 if found.bound == GLUCOSE_BOUND_LOW else 4
    very_low, low, high, very_high = (
        (3.0, 3.9, 10.0, 13.9) if found.unit == GLUCOSE_UNIT_MMOL_PER_L else (54, 70, 180, 250)
    )
    if found.value < low:
        return 0 if found.value < very_low else 1
    return 2 if found.value <= high else 3 if found.value <= very_high else 4


def _figures(entries: list[Entry]) -> Figures:
    sensor = [entry for entry in entries if entry.HasField("sensor_reading")]
    readings = sensor or entries
    newest: dict[str, int] = {}
    in_quarter: dict[int, set[str]] = defaultdict(set)
    for entry in readings:
        newest[entry.device] = max(newest.get(entry.device, 0), entry.time.ToMicroseconds())
        in_quarter[entry.time.seconds // 900].add(entry.device)
    counted = [
        entry
        for entry in readings
        if entry.device == min(in_quarter[entry.time.seconds // 900], key=lambda device: (-newest[device], device))
    ]
    counts = Counter(band(glucose(entry)) for entry in counted)
    times = [to_datetime(entry.time) for entry in counted]
    return Figures(
        (counts[0], counts[1], counts[2], counts[3], counts[4]),
        sum(map(mg_per_dl, counted)),
        sum(_minutes(entry.device, sensor) for entry in counted) if sensor else 0,
        min(times),
        max(times),
    )


def _minutes(device: str, sensor: list[Entry]) -> int:
    """How long one of its readings stands."""
    times = sorted(to_datetime(entry.time) for entry in sensor if entry.device == device)
    gaps = [(after - before).total_seconds() / 60 for before, after in pairwise(times)]
    return min(max(round(median(gaps)), 1), 15) if gaps else 5
