"""Which of the places that a courier reports are kept, and what the last one shows."""

from datetime import datetime, timedelta

from services.pharmacy.domain.offers import AT_PLACE_METRES

EVERY = timedelta(seconds=1)
_SOONER = timedelta(seconds=0.5)
"""One may come so much sooner than its turn: networks hold up and hurry."""
_LATE, _EARLY = timedelta(minutes=5), timedelta(minutes=1)
_SHOWS_FOR = timedelta(minutes=10)
"""Where the last place was longer ago, nobody knows where the courier is."""


def shows_at(distance_metres: float, age: timedelta) -> bool:
    """Whether a place of that age, so far from another, shows that the courier is there."""
    return distance_metres <= AT_PLACE_METRES and age <= _SHOWS_FOR


class Pace:
    """One stream of places: one a second is kept, each newer than the one before."""

    def __init__(self) -> None:
        self._turn: datetime | None = None
        self._last: datetime | None = None

    def takes(self, time: datetime, now: datetime) -> bool:
        """Whether the place at this time, that came now, is kept."""
        if not now - _LATE <= time <= now + _EARLY or (self._last is not None and time <= self._last):
            return False
        if self._turn is not None and now < self._turn - _SOONER:
            return False
        self._turn = max(self._turn or now, now) + EVERY
        self._last = time
        return True
