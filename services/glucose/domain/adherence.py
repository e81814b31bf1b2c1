"""How a plan was kept: what was logged, held against what was planned."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from math import fsum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from services.glucose.domain.schedule import Times, whole_days

TOLERANCE = timedelta(minutes=60)
"""How far from its time a dose or a check is still the planned one."""
PADDING = timedelta(days=1)
"""Beside a window, planned times are matched too, so that what belongs to them is not taken for one of the window's."""


class Amount(NamedTuple):
    """An exact amount; two of one value are the same however they are written."""

    value: Decimal
    unit: int


@dataclass(frozen=True)
class Line:
    """A medicine or a check of a plan."""

    substance: str
    """Tells whether a dose is of this line: the insulin's kind or the medicine's name; the same for every check."""
    amount: Amount | None
    """None: a check has none."""
    times: Times


@dataclass(frozen=True)
class Logged:
    """A dose or a check of the diary."""

    entry_id: UUID
    time: datetime
    substance: str
    amount: Amount | None


@dataclass(frozen=True)
class Due:
    """One planned time of one line, and what was logged for it."""

    line: int
    """Its place among the lines."""
    time: datetime
    logged: Logged | None
    right: bool
    """Whether it was logged, and of the planned amount."""


class Force(NamedTuple):
    """From when on, and until when, a revision was in force."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Kept:
    """A line's figures."""

    planned_count: int
    kept_count: int
    other_amount_count: int = 0

    @property
    def percent(self) -> float | None:
        return 100 * self.kept_count / self.planned_count if self.planned_count else None


class Budget(NamedTuple):
    """Carbohydrate in grams; 0: no limit."""

    day_g: int
    meal_g: int


def follow(
    lines: Sequence[Line], zone: ZoneInfo, force: Force, start: datetime, end: datetime, logged: Iterable[Logged]
) -> list[Due]:
    """Every planned time from `start` to `end` while the revision was in force, in order of time.

    One dose does for one planned time, within 60 minutes. Doses of the planned amount are matched first, then others;
    each time as many as can be, and of these as near as can be. `logged` reaches a day and an hour beyond the window.
    """
    first, last = max(force.start, start - PADDING), min(force.end, end + PADDING)
    planned = sorted(
        {(time, number) for number, line in enumerate(lines) for time in line.times.between(first, last, zone)}
    )
    doses = sorted(logged, key=lambda dose: dose.time)
    matched: dict[_Planned, tuple[Logged, bool]] = {}
    for exact in True, False:
        taken = {dose.entry_id for dose, _ in matched.values()}
        open_ = [each for each in planned if each not in matched]
        free = [dose for dose in doses if dose.entry_id not in taken]
        matched.update((each, (dose, exact)) for each, dose in _match(open_, lines, free, exact=exact))
    return [
        Due(number, time, *matched.get((time, number), (None, False)))
        for time, number in planned
        if start <= time < end
    ]


def pairs(planned: Sequence[float], logged: Sequence[float], tolerance: float) -> list[tuple[int, int]]:
    """Indexes of planned and logged times that go together, both given in order: as many pairs as there can be, and of
    these with the smallest sum of distances. An alignment by dynamic programming; no pair crosses another, since
    uncrossing two is never farther."""
    reward = (len(planned) + 1) * (tolerance + 1)  # one pair more outweighs all distances
    lowest = [bisect_left(logged, time - tolerance) for time in planned]
    highest = [bisect_right(logged, time + tolerance) for time in planned]
    rows = [array("d", [0.0])]  # the best of the first planned times with logged ones up to lowest, lowest + 1, …
    offsets, ends = [0], [0]
    for time, low, high in zip(planned, lowest, highest, strict=True):
        before, offset, end = rows[-1], offsets[-1], ends[-1]
        row = array("d")
        for count in range(low, high + 1):
            best = before[min(count, end) - offset]
            if count > low:
                gain = reward - abs(logged[count - 1] - time)
                best = max(best, row[-1], before[min(count - 1, end) - offset] + gain)
            row.append(best)
        rows.append(row)
        offsets.append(low)
        ends.append(high)
    found = []
    count = len(logged)
    for place in range(len(planned), 0, -1):
        count = min(count, ends[place])
        row, offset = rows[place], offsets[place]
        before, before_offset, before_end = rows[place - 1], offsets[place - 1], ends[place - 1]
        best = row[count - offset]
        if best == before[min(count, before_end) - before_offset]:
            continue
        while count > offset and row[count - 1 - offset] == best:
            count -= 1
        found.append((place - 1, count - 1))
        count -= 1
    return found[::-1]


def kept(due: Iterable[Due], lines: int, now: datetime) -> list[Kept]:
    """The figures of each line. A time whose hour has not passed counts only once it is kept."""
    planned, right, other = [0] * lines, [0] * lines, [0] * lines
    for each in due:
        if each.logged is not None or each.time + TOLERANCE <= now:
            planned[each.line] += 1
            right[each.line] += each.right
            other[each.line] += each.logged is not None and not each.right
    return [Kept(*figures) for figures in zip(planned, right, other, strict=True)]


def carbohydrate_kept(
    meals: Iterable[tuple[date, float]], budget: Budget, start: datetime, end: datetime, zone: ZoneInfo
) -> Kept:
    """Days with meals logged, of those that lie wholly in the window: kept when neither the day's budget nor a meal's
    is passed. A meal is its local day and its carbohydrate in grams."""
    by_day = _grouped(meals)
    counted = [by_day[day] for day in whole_days(start, end, zone) if day in by_day]
    return Kept(len(counted), sum(not _passes(day, budget) for day in counted))


def exercise_kept(
    exercises: Iterable[tuple[date, int]], minutes_per_week: int, start: datetime, end: datetime, zone: ZoneInfo
) -> Kept:
    """Calendar weeks, Monday to Sunday, that lie wholly in the window: kept when the minutes reach the goal."""
    by_day = _grouped(exercises)
    whole = whole_days(start, end, zone)
    weeks = [list(week) for _, week in groupby(whole, key=lambda day: day.isocalendar()[:2])]
    totals = [sum(sum(by_day.get(day, ())) for day in week) for week in weeks if len(week) == 7]
    return Kept(len(totals), sum(total >= minutes_per_week for total in totals))


type _Planned = tuple[datetime, int]
"""A planned time, and the place of its line."""


def _match(
    planned: Sequence[_Planned], lines: Sequence[Line], doses: Sequence[Logged], *, exact: bool
) -> Iterator[tuple[_Planned, Logged]]:
    """What goes together of one substance, and where it is to be exact of one amount."""

    def name(each: Line | Logged) -> Hashable:
        return (each.substance, each.amount) if exact else each.substance

    wanted = _grouped((name(lines[number]), (time, number)) for time, number in planned)
    for found, group in _grouped((name(dose), dose) for dose in doses).items():
        open_ = wanted.get(found, [])
        for place, index in pairs(
            [time.timestamp() for time, _ in open_],
            [dose.time.timestamp() for dose in group],
            TOLERANCE.total_seconds(),
        ):
            yield open_[place], group[index]


def _passes(day: Sequence[float], budget: Budget) -> bool:
    return bool(
        (budget.day_g and fsum(day) > budget.day_g) or (budget.meal_g and any(meal > budget.meal_g for meal in day))
    )


def _grouped[K: Hashable, V](items: Iterable[tuple[K, V]]) -> Mapping[K, list[V]]:
    groups: dict[K, list[V]] = {}
    for key, value in items:
        groups.setdefault(key, []).append(value)
    return groups
