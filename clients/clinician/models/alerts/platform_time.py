"""The platform's clock, by which alerts are passed on: this machine's may be wrong."""

from collections import deque
from datetime import datetime, timedelta

_HEARTBEATS = 12
"""A minute of them."""


class PlatformTime:
    """Told by heartbeats. Each is a little late, so that the earliest of the last ones counts."""

    def __init__(self) -> None:
        self._leads: deque[timedelta] = deque(maxlen=_HEARTBEATS)
        self._heard: datetime | None = None

    def hear(self, complete_until: datetime | None, here: datetime) -> None:
        """The newest heartbeat's instant, known as this machine's clock shows `here`."""
        if complete_until is not None and complete_until != self._heard:
            self._heard = complete_until
            self._leads.append(complete_until - here)

    def at(self, here: datetime) -> datetime:
        """The platform's time; this machine's before it was ever told."""
        return here + max(self._leads, default=timedelta())
