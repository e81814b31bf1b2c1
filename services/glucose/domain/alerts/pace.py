"""How fast clinical time passes: a demo's time-lapse replays a sensor's day in minutes."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """Every duration and every rate of the alerts is counted through it; instants are the clock's own."""

    seconds_per_minute: float = 60.0
    """Seconds by the clock that one clinical minute lasts."""

    def span(self, minutes: float) -> timedelta:
        """So many clinical minutes, by the clock."""
        return timedelta(seconds=minutes * self.seconds_per_minute)

    def minutes(self, span: timedelta) -> float:
        """A time by the clock, in clinical minutes."""
        return span.total_seconds() / self.seconds_per_minute
