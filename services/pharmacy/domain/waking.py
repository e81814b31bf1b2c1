"""When people are awake: nothing that can wait rings at night."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MORNING, _EVENING = time(8), time(21)


def when_awake(instant: datetime, zone: ZoneInfo) -> datetime:
    """The instant itself from 8:00 to 21:00 (excluded) of that zone's clock, else the next 8:00."""
    local = instant.astimezone(zone)
    if _MORNING <= local.time() < _EVENING:
        return instant
    day = local.date() + timedelta(days=local.time() >= _EVENING)
    return datetime.combine(day, _MORNING, zone).astimezone(UTC)
