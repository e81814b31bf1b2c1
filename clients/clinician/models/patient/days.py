"""Days and hours of a patient's own clock, on the nights too when the clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HOURS = 1, 2, 3, 6, 12
_DAYS = 1, 2, 7, 14, 28


def zone_named(name: str) -> ZoneInfo:
    """A zone of the IANA database; UTC where the name is none of it."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def midnights(start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """Where the patient's days begin from `start` (included) to `end` (excluded), UTC: the first of a midnight that
    comes twice; where it is skipped, the instant when the clock goes on."""
    day = start.astimezone(zone).date()
    found: list[datetime] = []
    while (begin := datetime.combine(day, time(0), zone).astimezone(UTC)) < end:
        if begin >= start and begin not in found[-1:]:  # a zone that crosses the date line skips a whole day
            found.append(begin)
        day += timedelta(days=1)
    return found


def marks(start: datetime, end: datetime, zone: ZoneInfo, most: int) -> list[datetime]:
    """At most so many instants for an axis, UTC: full hours of the patient's clock (0, 3, 6, …), or days."""
    hours = (end - start) / timedelta(hours=1)
    step = next((step for step in _HOURS if hours / step <= most), None)
    if step is not None:
        return [mark for mark in _full_hours(start, end, zone) if mark.astimezone(zone).hour % step == 0]
    days = midnights(start, end, zone)
    every = next((step for step in _DAYS if len(days) / step <= most), _DAYS[-1])
    return [day for day in days if day.astimezone(zone).date().toordinal() % every == 0]


def _full_hours(start: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """Every instant at which a clock there shows a full hour: none where it skips one, two where it repeats one."""
    quarter = timedelta(minutes=15)  # what every zone's offset is a multiple of, since 1972
    instant = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    found = []
    while instant < end:
        if instant >= start and instant.astimezone(zone).minute == 0:
            found.append(instant)
            instant += 4 * quarter
        else:
            instant += quarter
    return found
