"""Rules that every diary entry keeps."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far a phone's clock may run ahead of ours."""


class ImpossibleTimeError(ValueError):
    """The instant lies in the future or before the year 2000."""


class UnknownZoneError(ValueError):
    """The time zone is not in the IANA database."""


class ImpossibleAmountError(ValueError):
    """The amount of a dose is zero or more than anybody takes."""


class RevisionMismatchError(Exception):
    """The entry has changed since the revision that the author saw."""


def require_possible_time(instant: datetime, now: datetime) -> None:
    """Errors: `ImpossibleTimeError`."""
    if not EARLIEST <= instant <= now + CLOCK_TOLERANCE:
        raise ImpossibleTimeError("an entry's time lies between the year 2000 and now")


@lru_cache(maxsize=1024)
def require_zone(name: str) -> None:
    """Errors: `UnknownZoneError`."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # unknown, or no name of a file at all
        raise UnknownZoneError("the time zone is not in the IANA database") from error


def require_revision(found: int, expected: int) -> None:
    """Errors: `RevisionMismatchError`."""
    if found != expected:
        raise RevisionMismatchError(f"the entry is at revision {found}")
