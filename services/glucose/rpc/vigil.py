"""The dead-man alarm: whether readings are looked at for alerts, as far as this process can tell."""

from datetime import datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from prometheus_client import Gauge

from kit.bus import Event
from kit.clock import Clock
from kit.times import to_datetime
from services.glucose import events

LAG = Gauge("apricot_alerts_lag_seconds", "Age of the oldest reading that may not have been looked at.")

LAG_LIMIT = timedelta(seconds=20)
"""How far the evaluation may lag: with the time between two heartbeats, watchers know within 30 seconds."""
CAUGHT_UP = timedelta(seconds=5)
"""How far it may lag to be called whole again."""


class Vigil:
    """Hears how far the evaluation is (`work/progress.py`)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.complete_until = clock()
        """Every reading stored before this instant was looked at; a process that was just born believes so until it
        hears otherwise, or nothing."""
        self._heard = False
        LAG.set_function(lambda: (self._clock() - self.complete_until).total_seconds())

    def hear(self, event: Event) -> None:
        """Take in an event of the feed."""
        if event.kind == events.ALERTS_EVALUATED:
            instant = to_datetime(Timestamp.FromString(event.payload))
            self.complete_until = max(self.complete_until, instant) if self._heard else instant
            self._heard = True

    def interrupted_since(self, *, was_interrupted: bool) -> datetime | None:
        """From when on readings have not been looked at; none: they are, or are again and nearly up to now."""
        lag = self._clock() - self.complete_until
        return self.complete_until if lag > (CAUGHT_UP if was_interrupted else LAG_LIMIT) else None
