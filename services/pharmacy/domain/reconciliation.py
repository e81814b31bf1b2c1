"""A provider's statement of a day, compared with our own books."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from uuid import UUID
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
"""Whose days statements are of."""
_READY = time(10)
"""From when on the day before is told, as the providers promise."""


class Difference(IntEnum):
    """In what the two differ, numbered as in the contract."""

    MISSING_AT_PROVIDER = 1
    MISSING_HERE = 2
    AMOUNT = 3
    CURRENCY = 4
    DUPLICATE = 5
    """The statement, or an earlier one, tells of it already."""


@dataclass(frozen=True, slots=True)
class Key:
    """Which movement of money."""

    payment_id: UUID
    refund_id: UUID | None = None
    """None: money that came in."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How much moved, always positive."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference."""

    kind: Difference
    key: Key
    ours: Amount | None
    theirs: Amount | None


def compare(
    statement: Sequence[tuple[Key, Amount]],
    known: Mapping[Key, Amount],
    expected: Collection[Key],
    earlier: Collection[Key],
) -> list[Finding]:
    """What differs. Known: what is done in our books of all that the statement tells of or should; expected: what the
    statement has to tell of; earlier: what an earlier statement told of."""
    told = {key for key, _ in statement}
    absent = [Finding(Difference.MISSING_AT_PROVIDER, key, known[key], None) for key in expected if key not in told]
    return [*_of_lines(statement, known, earlier), *absent]


def _of_lines(
    statement: Sequence[tuple[Key, Amount]], known: Mapping[Key, Amount], earlier: Collection[Key]
) -> Iterator[Finding]:
    seen = Counter(earlier)
    for key, theirs in statement:
        ours = known.get(key)
        seen[key] += 1
        if seen[key] > 1:
            yield Finding(Difference.DUPLICATE, key, ours, theirs)
        elif ours is None:
            yield Finding(Difference.MISSING_HERE, key, None, theirs)
        elif ours.currency != theirs.currency:
            yield Finding(Difference.CURRENCY, key, ours, theirs)
        elif ours.minor != theirs.minor:
            yield Finding(Difference.AMOUNT, key, ours, theirs)


def span(day: date) -> tuple[datetime, datetime]:
    """When a day begins and ends."""
    return datetime.combine(day, time(), ZONE), datetime.combine(day + timedelta(days=1), time(), ZONE)


def newest_told(now: datetime) -> date:
    """The newest day whose statement may be asked for."""
    local = now.astimezone(ZONE)
    return local.date() - timedelta(days=1 if local.time() >= _READY else 2)
