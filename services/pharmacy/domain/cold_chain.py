"""What has to stay at 2 to 8 °C, from the pharmacy to the door (GSP, annex on cold storage)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

LEAST_CELSIUS, MOST_CELSIUS = 2.0, 8.0
LONGEST_GAP = timedelta(minutes=30)
"""Nothing is handed over of which it is not known for longer how cold it was."""
_CLOCKS_DIFFER = timedelta(minutes=1)


class NoColdChainError(Exception):
    """The order need not stay cold."""


class ColdChainError(Exception):
    """It was not kept cold, or nobody knows."""


def breaks(celsius: float) -> bool:
    """Whether it was too warm, or too cold."""
    return not LEAST_CELSIUS <= celsius <= MOST_CELSIUS


def is_of_the_way(measured: datetime, pick_up: datetime, now: datetime) -> bool:
    """Whether it was measured since the order was picked up."""
    return pick_up - _CLOCKS_DIFFER <= measured <= now + _CLOCKS_DIFFER


def require_unbroken(broken: datetime | None) -> None:
    """Errors: `ColdChainError`."""
    if broken is not None:
        raise ColdChainError("the cold chain is broken")


def require_logged(measured: Sequence[datetime], pick_up: datetime, now: datetime) -> None:
    """On the whole way, given when it was measured. Errors: `ColdChainError`."""
    instants = [pick_up, *sorted(measured), now]
    if not measured or any(later - sooner > LONGEST_GAP for sooner, later in pairwise(instants)):
        raise ColdChainError(f"for more than {LONGEST_GAP.seconds // 60} minutes no temperature was logged")
