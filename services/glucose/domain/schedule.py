"""Times of day in a zone, as instants.

On the nights when the clocks change: a time of day that does not exist is due as much later as the clocks were set
forward, one that exists twice is due the first time. (Both are what PEP 495 makes of a time with fold=0.)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ONE_DAY = timedelta(days=1)
_LOOK_AHEAD_DAYS = 9
"""A week, and what the clocks and a skipped day may take."""


@dataclass(frozen=True)
class Times:
    """Some times of day on some days of the week."""

    minutes_of_day: tuple[int, ...]
    weekdays: frozenset[int] = frozenset()
    """1 Monday to 7 Sunday; empty: every day."""

    def on(self, day: date, zone: ZoneInfo) -> Iterator[datetime]:
        """The instants on a local day, in UTC. A day that the zone left out has none."""
        if self.weekdays and day.isoweekday() not in self.weekdays:
            return
        for minute in self.minutes_of_day:
            instant = datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)
            if instant.astimezone(zone).date() == day:
                yield instant

    def between(self, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """The instants from `start` (included) to `end` (excluded), day by day."""
        for day in days(start.astimezone(zone).date(), end.astimezone(zone).date()):
            for instant in self.on(day, zone):
                if start <= instant < end:
                    yield instant


def days(first: date, last: date) -> Iterator[date]:
    """From the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def next_due(times: Iterable[Times], zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first instant behind another; none when there are no times at all."""
    every = list(times)
    today = after.astimezone(zone).date()
    for day in days(today, today + timedelta(days=_LOOK_AHEAD_DAYS)):
        if found := [instant for each in every for instant in each.on(day, zone) if instant > after]:
            return min(found)
    return None


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins, in UTC; where the clocks are set forward at midnight, its first instant."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def whole_days(start: datetime, end: datetime, zone: ZoneInfo) -> list[date]:
    """The local days that lie wholly between two instants."""
    between = days(start.astimezone(zone).date(), end.astimezone(zone).date())
    return [
        day for day in between if start <= local_midnight(day, zone) and local_midnight(day + _ONE_DAY, zone) <= end
    ]
