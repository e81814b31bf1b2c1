"""What a report is about: a window of time, and the parts of it that may be seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from services.glucose.domain.entries import zone

type Range = tuple[datetime, datetime]


class EmptyWindowError(ValueError):
    """The window ends before it begins."""


class LongWindowError(ValueError):
    """The window holds more days than are reported on."""


@dataclass(frozen=True, slots=True)
class Window:
    """From an instant (included) to another (excluded)."""

    start_time: datetime
    end_time: datetime
    time_zone: str
    """The zone of the patient's newest entry before its end."""
    visible: tuple[Range, ...]
    """Its parts that the caller may see, in order."""

    @property
    def visible_seconds(self) -> float:
        """The length of these."""
        return sum((end - start).total_seconds() for start, end in self.visible)

    @property
    def visible_end(self) -> datetime:
        """Return the end of the last of these; the window's where there is none."""
        return self.visible[-1][1] if self.visible else self.end_time


def require_length(start: datetime, end: datetime, most_days: int) -> None:
    """Errors: `EmptyWindowError`, `LongWindowError`."""
    if start >= end:
        raise EmptyWindowError("a window ends after it begins")
    if end - start > timedelta(days=most_days):
        raise LongWindowError(f"a window holds at most {most_days} days")


def start_of_last_days(days: int, zone_name: str, now: datetime) -> datetime:
    """The midnight with which the last `days` local days begin, today included."""
    local = zone(zone_name)
    first = now.astimezone(local).date() - timedelta(days=days - 1)
    return datetime.combine(first, time(), local).astimezone(UTC)


def clip(ranges: Iterable[Range], start: datetime, end: datetime) -> tuple[Range, ...]:
    """The parts of ranges that lie between two instants."""
    parts = ((max(start, first), min(end, last)) for first, last in ranges)
    return tuple((first, last) for first, last in parts if first < last)
