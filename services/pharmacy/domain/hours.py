"""When a pharmacy is open: intervals of the week by the clocks where it is, which may reach across midnight."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60


class BadHoursError(Exception):
    """An interval ends before it begins, or a whole day later."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A time of the week, its end excluded."""

    weekday: int
    """The day on which it opens: 1 Monday to 7 Sunday."""
    opens_minute: int
    """From that day's midnight by the clock."""
    closes_minute: int
    """The same; beyond a day's minutes it is on the next day."""

    def __post_init__(self) -> None:
        if not self.opens_minute < self.closes_minute <= self.opens_minute + DAY_MINUTES:
            raise BadHoursError("an interval ends later than it begins, by at most a day")


ALWAYS = tuple(Interval(weekday, 0, DAY_MINUTES) for weekday in range(1, 8))
"""Around the clock."""


def is_open(hours: Sequence[Interval], zone: ZoneInfo, now: datetime) -> bool:
    """Whether it is open at an instant."""
    return any(opens <= now < closes for opens, closes in _beginning(hours, zone, now, range(-1, 1)))


def next_opening(hours: Sequence[Interval], zone: ZoneInfo, now: datetime) -> datetime | None:
    """The next instant at which a pharmacy that is closed opens; None: it is open, or never opens."""
    if is_open(hours, zone, now):
        return None
    return min((opens for opens, _ in _beginning(hours, zone, now, range(8)) if opens > now), default=None)


def _beginning(
    hours: Sequence[Interval], zone: ZoneInfo, now: datetime, on: range
) -> Iterator[tuple[datetime, datetime]]:
    """The instants of the intervals that begin so many days from today."""
    today = now.astimezone(zone).date()
    for days in on:
        day = today + timedelta(days=days)
        for interval in hours:
            if interval.weekday == day.isoweekday():
                yield _instant(day, interval.opens_minute, zone), _instant(day, interval.closes_minute, zone)


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """What the clocks show as so many minutes after a day's midnight; a time that they skip is the one behind it."""
    local = datetime.combine(day, time(), tzinfo=zone) + timedelta(minutes=minute)  # by the clock, not elapsed
    return local.astimezone(UTC)
