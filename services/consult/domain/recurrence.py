"""A doctor's slots in local times, as instants.

On the days when the clocks change: a local time that does not exist makes no slot, one that exists twice makes one, the
first time (what PEP 495 makes of a time with fold=0).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

MOST_DAYS = 180
MOST_SLOTS = 1000
MOST_PLACES = 20_000


class NoRecurrenceError(ValueError):
    """What was asked for is no recurrence, or too large a one."""


class Outcome(IntEnum):
    """What becomes of an occurrence, numbered as in the contract."""

    PUBLISHED = 1
    IN_THE_PAST = 2
    OVERLAPS = 3
    NO_SUCH_LOCAL_TIME = 4
    LICENCE_EXPIRED = 5


@dataclass(frozen=True, slots=True, order=True)
class LocalStart:
    """A time of day on a day."""

    day: date
    minute: int
    """After midnight, 0 to 1439."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One slot of a recurrence."""

    local: LocalStart
    outcome: Outcome
    start: datetime | None
    """In UTC; None: the local time does not exist."""


def weekly(first: date, last: date, weekdays: Collection[int], minutes: Collection[int]) -> list[LocalStart]:
    """These times of day on these days of the week (1 Monday to 7 Sunday), from the first day to the last, included.
    Errors: `NoRecurrenceError`."""
    count = (last - first).days + 1
    if not 1 <= count <= MOST_DAYS:
        raise NoRecurrenceError(f"the last day is the first or one of the next {MOST_DAYS - 1}")
    every = (first + timedelta(days=number) for number in range(count))
    return _bounded([LocalStart(day, minute) for day in every if day.isoweekday() in weekdays for minute in minutes])


def session_starts(start: int, end: int, length: int) -> list[int]:
    """Where the slots of that length begin that fill a part of a day, all in minutes. Errors: `NoRecurrenceError`."""
    if start + length > end:
        raise NoRecurrenceError("a session is at least as long as a slot")
    return list(range(start, end - length + 1, length))


def occurrences(
    starts: Iterable[LocalStart], zone: ZoneInfo, length: timedelta, now: datetime, licence_end: datetime
) -> list[Occurrence]:
    """What becomes of each, in order. Those to be published lie apart from one another."""
    made: list[Occurrence] = []
    free_from = now
    for local in sorted(starts):
        start = instant(local, zone)
        outcome = _outcome(start, free_from, now, licence_end)
        if start is not None and outcome is Outcome.PUBLISHED:
            free_from = start + length
        made.append(Occurrence(local, outcome, start))
    return made


def instant(local: LocalStart, zone: ZoneInfo) -> datetime | None:
    """In UTC; None where the clocks leave it out."""
    wanted = datetime.combine(local.day, time(local.minute // 60, local.minute % 60), zone)
    found = wanted.astimezone(UTC)
    return found if found.astimezone(zone).replace(tzinfo=None) == wanted.replace(tzinfo=None) else None


def _outcome(start: datetime | None, free_from: datetime, now: datetime, licence_end: datetime) -> Outcome:
    if start is None:
        return Outcome.NO_SUCH_LOCAL_TIME
    if start <= now:
        return Outcome.IN_THE_PAST
    if start >= licence_end:
        return Outcome.LICENCE_EXPIRED
    return Outcome.PUBLISHED if start >= free_from else Outcome.OVERLAPS


def _bounded(starts: list[LocalStart]) -> list[LocalStart]:
    if not starts:
        raise NoRecurrenceError("no such day of the week lies in the range")
    if len(starts) > MOST_SLOTS:
        raise NoRecurrenceError(f"these are {len(starts)} slots; {MOST_SLOTS} at most are published at once")
    return starts
