"""What has to stay at 2 to 8 °C, from the pharmacy to the door (GSP, annex on cold storage)."""

from datetime import datetime, timedelta

LEAST_CELSIUS, MOST_CELSIUS = 2.0, 8.0
FRESH = timedelta(minutes=30)
"""Nothing is handed over whose last temperature is older."""
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


def require_fresh(last_measured: datetime | None, now: datetime) -> None:
    """Errors: `ColdChainError`."""
    if last_measured is None or now - last_measured > FRESH:
        raise ColdChainError(f"no temperature was logged in the last {FRESH.seconds // 60} minutes")
