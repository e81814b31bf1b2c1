"""Rules that every diary entry keeps."""

from collections.abc import Iterable
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


class ClosedTimeError(Exception):
    """The author may not write at that instant: the patient's grant is for another time."""


class RevisionMismatchError(Exception):
    """The entry has changed since the revision that the author saw."""


def require_possible_time(instant: datetime, now: datetime) -> None:
    """Errors: `ImpossibleTimeError`."""
    if not EARLIEST <= instant <= now + CLOCK_TOLERANCE:
        raise ImpossibleTimeError("an entry's time lies between the year 2000 and now")


def require_open_time(instant: datetime, open_times: Iterable[tuple[datetime, datetime]]) -> None:
    """Errors: `ClosedTimeError`."""
    if not any(start <= instant < end for start, end in open_times):
        raise ClosedTimeError("the grant allows no entries of that time")


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Errors: `UnknownZoneError`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # unknown, or no name of a file at all
        raise UnknownZoneError("the time zone is not in the IANA database") from error


QUARTER_SECONDS = 900
"""A zone's offset changes on quarters of an hour alone, so one look serves for all instants of a quarter."""


@lru_cache(maxsize=65_536)
def utc_offset_minutes(zone_name: str, quarter: int) -> int:
    """How far the wall clock of a zone is ahead of UTC in the n-th quarter of an hour since 1970, in whole minutes.
    Errors: `UnknownZoneError`."""
    offset = datetime.fromtimestamp(quarter * QUARTER_SECONDS, zone(zone_name)).utcoffset()
    assert offset is not None  # noqa: S101  a zone always has one
    return round(offset.total_seconds() / 60)


def require_revision(found: int, expected: int) -> None:
    """Errors: `RevisionMismatchError`."""
    if found != expected:
        raise RevisionMismatchError(f"the entry is at revision {found}")
