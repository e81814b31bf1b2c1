"""Episodes of low and high glucose (Battelino 2023, doi 10.1016/S2213-8587(22)00319-9)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.glucose.domain.metrics import Flags, Floats, Ints
from services.glucose.domain.metrics.bands import Band
from services.glucose.domain.metrics.day_to_day import LONGEST_BRIDGE_SECONDS
from services.glucose.domain.metrics.readings import DAY_SECONDS, Readings

BEGIN_MINUTES = END_MINUTES = 15
EXTENDED_MINUTES = 120
_NIGHT_ENDS_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Episode:
    """From its first reading to the first one after it."""

    first: int
    """Index of the first reading."""
    after: int
    """Index of the reading that ends it; where the data end first, of the one after the last."""
    ended: bool
    longest_minutes: float
    """Of an unbroken run beyond the threshold."""


@dataclass(frozen=True, slots=True)
class Event:
    """One episode in words of the patient's day."""

    band: Band
    start: int
    """Seconds since 1970."""
    end: int | None
    """None: it had not ended with the data."""
    duration_minutes: float
    extreme_mg_per_dl: float
    unbroken_minutes: float
    """Of its longest run beyond the threshold: an episode goes on over a return of less than 15 minutes."""
    extended: bool
    nocturnal: bool


def events(readings: Readings, bands: Ints) -> list[Event]:
    """Every low and high episode, oldest first; its band is the outer one when it was there for 15 minutes too."""
    low = _events(readings, bands <= Band.LOW, bands == Band.VERY_LOW, (Band.LOW, Band.VERY_LOW))
    high = _events(readings, bands >= Band.HIGH, bands == Band.VERY_HIGH, (Band.HIGH, Band.VERY_HIGH))
    return sorted([*low, *high], key=lambda event: event.start)


def _events(readings: Readings, beyond: Flags, far_beyond: Flags, pair: tuple[Band, Band]) -> Iterator[Event]:
    is_low = pair[0] == Band.LOW
    severe = [episode.first for episode in episodes(readings, far_beyond)]
    for episode in episodes(readings, beyond):
        last = episode.after - 1
        start = int(readings.time[episode.first])
        end = int(readings.time[episode.after]) if episode.ended else None
        until = int(readings.time[last] + 60 * readings.interval[last]) if end is None else end
        values = readings.mg_per_dl[episode.first : episode.after]
        is_severe = bool(np.searchsorted(severe, episode.first) < np.searchsorted(severe, episode.after))
        yield Event(
            band=pair[is_severe],
            start=start,
            end=end,
            duration_minutes=(until - start) / 60,
            extreme_mg_per_dl=float(values.min() if is_low else values.max()),
            unbroken_minutes=episode.longest_minutes,
            extended=is_low and episode.longest_minutes > EXTENDED_MINUTES,
            nocturnal=bool(readings.local_time[episode.first] % DAY_SECONDS < _NIGHT_ENDS_SECONDS),
        )


def episodes(
    readings: Readings, beyond: Flags, begin_minutes: float = BEGIN_MINUTES, end_minutes: float = END_MINUTES
) -> list[Episode]:
    """Begin with an unbroken run beyond the threshold of at least `begin_minutes`, end with one back of at least
    `end_minutes`, or unended with the data or a gap of more than 45 minutes."""
    if not len(readings):
        return []
    gap = np.diff(readings.time) > LONGEST_BRIDGE_SECONDS
    starts = np.append(0, np.flatnonzero(gap | np.diff(beyond)) + 1)
    lasts = np.append(starts[1:], len(readings)) - 1
    minutes = _minutes(readings, starts, lasts)
    after_gap = np.append(True, gap)[starts]
    long_enough = minutes >= np.where(beyond[starts], begin_minutes, end_minutes)
    found: list[Episode] = []
    first = -1
    longest = 0.0
    for start, length, is_beyond, counts, is_new in zip(
        starts.tolist(),
        minutes.tolist(),
        beyond[starts].tolist(),
        long_enough.tolist(),
        after_gap.tolist(),
        strict=True,
    ):
        if first >= 0 and (is_new or (counts and not is_beyond)):
            found.append(Episode(first, start, not is_new, longest))
            first, longest = -1, 0.0
        if is_beyond and (counts or first >= 0):
            first = start if first < 0 else first
            longest = max(longest, length)
    if first >= 0:
        found.append(Episode(first, len(readings), False, longest))
    return found


def _minutes(readings: Readings, starts: Ints, lasts: Ints) -> Floats:
    """How long each run lasts, in whole intervals: clocks jitter by seconds."""
    interval = readings.interval[lasts]
    return (np.round((readings.time[lasts] - readings.time[starts]) / 60 / interval) + 1) * interval
