"""When to sound what. Pure: it is told how things stand, and the time.

Urgency is heard after IEC 60601-1-8: high, medium and low priority, each a burst of its own (`views/alerts/tones.py`).
A high one is repeated each 15 seconds, seldom as bursts go, for this is a desk and not a bedside.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

URGENT_LOW_PERIOD = timedelta(seconds=15)
INTERRUPTED_PERIOD = timedelta(minutes=5)
_BURST = timedelta(seconds=5)
"""Nothing else sounds into that of an urgent low."""


class Tone(StrEnum):
    """A burst; the first is the most urgent."""

    HIGH = "high"
    """An urgent low."""
    MEDIUM = "medium"
    """What else is to be acted on now."""
    LOW = "low"
    """A warning."""
    STALE = "stale"
    """What the screen shows is not live any more."""


@dataclass(frozen=True)
class Situation:
    """What presses her: of nobody else's, not snoozed by her, and not acknowledged by her either."""

    urgent_lows: frozenset[Hashable] = frozenset()
    urgent: frozenset[Hashable] = frozenset()
    """What else is urgent."""
    warnings: frozenset[Hashable] = frozenset()
    interrupted: bool = False
    """Nobody looks for alerts."""
    stale: bool = False


class Sounding:
    """Each thing sounds once as it comes; an urgent low, and that nobody looks for alerts, again while it lasts.
    Neither of these two can be switched off."""

    def __init__(self) -> None:
        self._heard: frozenset[Hashable] = frozenset()
        self._urgent_low_at: datetime | None = None
        self._interrupted_at: datetime | None = None
        self._was_stale = False

    def due(self, situation: Situation, now: datetime, *, sound: bool) -> Tone | None:
        """What sounds now; of several only the most urgent. `sound`: whether she wants to hear the rest."""
        pressing = situation.urgent_lows | situation.urgent | situation.warnings
        new = pressing - self._heard
        self._heard = pressing  # what comes back, as after a snooze, is new again
        went_stale, self._was_stale = situation.stale and not self._was_stale, situation.stale
        urgent_low = bool(situation.urgent_lows) and (
            bool(new & situation.urgent_lows) or _passed(self._urgent_low_at, now, URGENT_LOW_PERIOD)
        )
        interrupted = (
            situation.interrupted
            and not urgent_low
            and _passed(self._urgent_low_at, now, _BURST)
            and _passed(self._interrupted_at, now, INTERRUPTED_PERIOD)
        )
        if not situation.urgent_lows or urgent_low:
            self._urgent_low_at = now if urgent_low else None
        if not situation.interrupted or interrupted:
            self._interrupted_at = now if interrupted else None
        if urgent_low:
            return Tone.HIGH
        if interrupted or (sound and new & situation.urgent):
            return Tone.MEDIUM
        if sound and new:
            return Tone.LOW
        return Tone.STALE if sound and went_stale else None


def _passed(last: datetime | None, now: datetime, period: timedelta) -> bool:
    """A clock that was set back has let it pass too."""
    return last is None or not last <= now < last + period
