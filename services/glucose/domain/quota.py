"""How much a diary may take: a bucket of bytes that empties with time (the generic cell rate algorithm, ITU-T I.371).

One instant says how full it is: when everything used will have come back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

COMES_BACK_OVER = timedelta(days=30)
TOLD_FROM_PERCENT = 80
DEFAULT_MIB = 160
"""A reading is some 150 bytes: a million of them, and more than 5 MiB a day for ever."""


class QuotaExceeded(Exception):
    """The bucket is full."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("the diary has taken as much as it may by now")
        self.wait = wait


@dataclass(frozen=True)
class Quota:
    """So many bytes at once, which come back evenly over 30 days."""

    max_bytes: int = DEFAULT_MIB << 20

    def cost(self, used_bytes: int) -> timedelta:
        """Return how long these bytes take to come back."""
        return COMES_BACK_OVER * (used_bytes / self.max_bytes)

    def require_room(self, empty_at: datetime, now: datetime) -> None:
        """Raise `QuotaExceeded` when the bucket is full."""
        over = empty_at - now - COMES_BACK_OVER
        if over >= timedelta(0):
            raise QuotaExceeded(over + timedelta(seconds=1))

    def told_percent(self, empty_at: datetime, now: datetime) -> int:
        """Return how full it is, once that is worth saying; else 0."""
        percent = min(100, int((empty_at - now) / COMES_BACK_OVER * 100))
        return percent if percent >= TOLD_FROM_PERCENT else 0
