"""Whether readings are enough to rely on their figures (Battelino 2019, doi 10.2337/dci19-0028)."""

from services.glucose.domain.metrics.readings import DAY_SECONDS, Readings

DAYS = 14
ENOUGH_PERCENT = 70.0


def recent_active_percent(sensor: Readings, end_time: float) -> float:
    """Return the percentage of the readings expected in the last 14 times 24 hours before an instant (seconds since
    1970), each device's by its own interval."""
    seconds = DAYS * DAY_SECONDS
    return sensor[sensor.time >= end_time - seconds].active_percent(seconds)
