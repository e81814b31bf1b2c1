"""Suggestions for a plan, drafted by rules from a fortnight of the diary.

Each has the figures it comes from. A rule may say that a medicine is to be looked at again, never which, how much or
when: nothing drafts a prescription by itself.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from math import fsum
from statistics import fmean, stdev
from typing import NamedTuple

from glycemia.units import MG_PER_DL_PER_MMOL_PER_L, Bound, Unit
from services.glucose.domain.adherence import Kept
from services.glucose.domain.effects import RANGE

DAYS = 14
"""The consensus' window (Battelino 2019)."""
LEAST_READINGS, LEAST_DAYS = 28, 10
"""Two readings a day, and readings on 70 percent of the days (the consensus' share of data, taken for days)."""

_VERY_LOW = {Unit.MG_PER_DL: 54.0, Unit.MMOL_PER_L: 3.0 * MG_PER_DL_PER_MMOL_PER_L}
_IN_RANGE_PERCENT, _BELOW_RANGE_PERCENT, _VERY_LOW_PERCENT, _ABOVE_RANGE_PERCENT = 70, 4, 1, 25
"""The consensus' targets for adults."""
_STABLE_CV_PERCENT = 36
"""At most this is stable (the consensus)."""
_NIGHT_HOURS = range(6)
_AFTER_EXERCISE = timedelta(hours=4)
"""Exercise lowers glucose for hours after its end (ADA, Standards of Care, physical activity); four are looked at."""
_AFTER_MEAL = timedelta(hours=1), timedelta(hours=3)
"""Around the two hours after a meal at which it is judged."""
_MEALS = (("breakfast", range(5, 11)), ("lunch", range(11, 16)), ("dinner", range(16, 22)))
_LEAST_TIMES = 2
"""Once is chance."""
_LEAST_MEALS, _LEAST_PLANNED = 3, 5
_MISSED_PERCENT = 80
"""Kept less than this is too little: the usual edge of adherence (proportion of days covered)."""


class Topic(IntEnum):
    """What a suggestion is about, numbered as in the contract."""

    TARGETS = 1
    MEALS = 2
    EXERCISE = 3
    MEDICINES = 4
    CHECKS = 5
    DATA = 6


@dataclass(frozen=True)
class Suggestion:
    """One line of a draft."""

    topic: Topic
    kind: str
    text: str
    figures: Mapping[str, float]


class Reading(NamedTuple):
    """A glucose concentration."""

    time: datetime
    local: datetime
    """The patient's wall clock."""
    mg_per_dl: float
    unit: int
    bound: int = Bound.NONE

    @property
    def is_low(self) -> bool:
        if self.bound:
            return self.bound == Bound.LOW
        return self.mg_per_dl < RANGE[Unit(self.unit)][0]

    @property
    def is_very_low(self) -> bool:
        if self.bound:
            return self.bound == Bound.LOW
        return self.mg_per_dl < _VERY_LOW[Unit(self.unit)]

    @property
    def is_high(self) -> bool:
        if self.bound:
            return self.bound == Bound.HIGH
        return self.mg_per_dl > RANGE[Unit(self.unit)][1]


class Eaten(NamedTuple):
    """A meal."""

    time: datetime
    local: datetime
    carbohydrate_g: float


class Exercised(NamedTuple):
    """Exercise."""

    time: datetime
    minutes: int


@dataclass(frozen=True)
class Goals:
    """What the plan in force asks for; the consensus where it says nothing."""

    in_range_percent: float = _IN_RANGE_PERCENT
    below_range_percent: float = _BELOW_RANGE_PERCENT
    carbohydrate_g_per_day: float = 0
    """0: no budget."""


@dataclass(frozen=True)
class Fortnight:
    """What the rules look at: 14 days, each list in order of time."""

    readings: Sequence[Reading] = ()
    meals: Sequence[Eaten] = ()
    exercises: Sequence[Exercised] = ()
    goals: Goals = field(default_factory=Goals)
    medicines: Sequence[Kept] = ()
    """How each medicine of the plan in force was kept."""
    checks: Kept = field(default_factory=lambda: Kept(0, 0))
    """How all its checks were."""
    exercise_weeks: Kept = field(default_factory=lambda: Kept(0, 0))


def suggest(seen: Fortnight) -> list[Suggestion]:
    """With too few readings nothing but that."""
    days = len({reading.local.date() for reading in seen.readings})
    if len(seen.readings) < LEAST_READINGS or days < LEAST_DAYS:
        return [
            Suggestion(
                Topic.DATA,
                "too_few_readings",
                f"Too few readings to go by: {len(seen.readings)} on {days} of {DAYS} days. Measure more first.",
                {"readings": len(seen.readings), "days_with_readings": days, "least_readings": LEAST_READINGS}
                | {"least_days": LEAST_DAYS},
            )
        ]
    rules = (_shares, _variability, _nights, _after_exercise, _after_meals, _over_budget, _not_kept)
    return [found for rule in rules for found in rule(seen)]


def _shares(seen: Fortnight) -> Iterator[Suggestion]:
    count = len(seen.readings)
    low, very_low, high = (
        100 * sum(getattr(reading, name) for reading in seen.readings) / count
        for name in ("is_low", "is_very_low", "is_high")
    )
    in_range = 100 - low - high
    if (low >= seen.goals.below_range_percent and low > 0) or very_low >= _VERY_LOW_PERCENT:
        yield Suggestion(
            Topic.TARGETS,
            "below_range",
            f"{low:.1f} % of readings are below range, {very_low:.1f} % below 54 mg/dL. Make fewer lows the first aim.",
            {"below_range_percent": low, "very_low_percent": very_low, "goal_percent": seen.goals.below_range_percent},
        )
    if in_range < seen.goals.in_range_percent:
        yield Suggestion(
            Topic.TARGETS,
            "in_range",
            f"{in_range:.1f} % of readings are in range. Agree on a share to reach next.",
            {"in_range_percent": in_range, "goal_percent": seen.goals.in_range_percent},
        )
    if high > _ABOVE_RANGE_PERCENT:
        yield Suggestion(
            Topic.TARGETS,
            "above_range",
            f"{high:.1f} % of readings are above range.",
            {"above_range_percent": high, "goal_percent": _ABOVE_RANGE_PERCENT},
        )


def _variability(seen: Fortnight) -> Iterator[Suggestion]:
    values = [reading.mg_per_dl for reading in seen.readings]
    cv = 100 * stdev(values) / fmean(values)
    if cv > _STABLE_CV_PERCENT:
        yield Suggestion(
            Topic.TARGETS,
            "variability",
            f"Readings vary much: CV {cv:.1f} %. Steadier meals, exercise and dose times come before lower targets.",
            {"cv_percent": cv, "goal_percent": _STABLE_CV_PERCENT},
        )


def _nights(seen: Fortnight) -> Iterator[Suggestion]:
    night = [reading for reading in seen.readings if reading.local.hour in _NIGHT_HOURS]
    nights = {reading.local.date() for reading in night}
    with_lows = {reading.local.date() for reading in night if reading.is_low}
    if len(with_lows) >= _LEAST_TIMES:
        yield Suggestion(
            Topic.MEDICINES,
            "lows_at_night",
            f"Lows between 0:00 and 6:00 in {len(with_lows)} of {len(nights)} nights. "
            "Look again at what acts overnight, and at food and exercise of the evening.",
            {
                "nights_with_lows": len(with_lows),
                "nights_with_readings": len(nights),
                "lowest_mg_per_dl": min(reading.mg_per_dl for reading in night),
            },
        )


def _after_exercise(seen: Fortnight) -> Iterator[Suggestion]:
    times = [reading.time for reading in seen.readings]
    followed = with_lows = 0
    for exercise in seen.exercises:
        end = exercise.time + timedelta(minutes=exercise.minutes) + _AFTER_EXERCISE
        readings = seen.readings[bisect_left(times, exercise.time) : bisect_left(times, end)]
        followed += bool(readings)
        with_lows += any(reading.is_low for reading in readings)
    if with_lows >= _LEAST_TIMES:
        yield Suggestion(
            Topic.EXERCISE,
            "lows_after_exercise",
            f"Lows during or within 4 hours after {with_lows} of {followed} exercises. Measure before and after; "
            "eat before or move it to another hour.",
            {"exercises_with_lows": with_lows, "exercises_with_readings": followed},
        )


def _after_meals(seen: Fortnight) -> Iterator[Suggestion]:
    times = [reading.time for reading in seen.readings]
    for name, hours in _MEALS:
        peaks = []
        for meal in seen.meals:
            first, last = meal.time + _AFTER_MEAL[0], meal.time + _AFTER_MEAL[1]
            readings = seen.readings[bisect_left(times, first) : bisect_left(times, last)]
            if meal.local.hour in hours and meal.carbohydrate_g > 0 and readings:
                peaks.append(max(readings, key=lambda reading: reading.mg_per_dl))
        with_highs = sum(peak.is_high for peak in peaks)
        if len(peaks) >= _LEAST_MEALS and 2 * with_highs >= len(peaks):
            yield Suggestion(
                Topic.MEALS,
                f"highs_after_{name}",
                f"High 1 to 3 hours after {with_highs} of {len(peaks)} meals at {name}. "
                "Less or slower carbohydrate then, or a walk afterwards.",
                {
                    "meals_with_highs": with_highs,
                    "meals_with_readings": len(peaks),
                    "mean_peak_mg_per_dl": fmean(peak.mg_per_dl for peak in peaks),
                },
            )


def _over_budget(seen: Fortnight) -> Iterator[Suggestion]:
    budget = seen.goals.carbohydrate_g_per_day
    eaten: dict[date, list[float]] = {}
    for meal in seen.meals:
        eaten.setdefault(meal.local.date(), []).append(meal.carbohydrate_g)
    over = Counter(fsum(day) > budget for day in eaten.values())[True]
    if budget and over >= _LEAST_TIMES and 4 * over > len(eaten):
        yield Suggestion(
            Topic.MEALS,
            "over_carbohydrate_budget",
            f"More carbohydrate than planned on {over} of {len(eaten)} days. Talk about the budget or the meals.",
            {
                "days_over": over,
                "days_with_meals": len(eaten),
                "mean_g_per_day": fmean(fsum(day) for day in eaten.values()),
                "goal_g_per_day": budget,
            },
        )


def _not_kept(seen: Fortnight) -> Iterator[Suggestion]:
    for number, medicine in enumerate(seen.medicines):
        taken = medicine.kept_count + medicine.other_amount_count
        if _is_missed(medicine.planned_count, taken):
            yield Suggestion(
                Topic.MEDICINES,
                "doses_not_logged",
                f"{taken} of {medicine.planned_count} doses of medicine {number + 1} of the plan were logged. "
                "Ask what stands in the way.",
                {"medicine": number, "planned": medicine.planned_count, "logged": taken},
            )
    if _is_missed(seen.checks.planned_count, seen.checks.kept_count):
        yield Suggestion(
            Topic.CHECKS,
            "checks_not_done",
            f"{seen.checks.kept_count} of {seen.checks.planned_count} planned checks were done. "
            "Fewer at better times may be kept.",
            {"planned": seen.checks.planned_count, "done": seen.checks.kept_count},
        )
    weeks = seen.exercise_weeks
    if weeks.planned_count and not weeks.kept_count:
        yield Suggestion(
            Topic.EXERCISE,
            "exercise_below_goal",
            f"The exercise goal was reached in none of {weeks.planned_count} weeks. A nearer one may be reached.",
            {"weeks": weeks.planned_count, "weeks_kept": weeks.kept_count},
        )


def _is_missed(planned: int, done: int) -> bool:
    return planned >= _LEAST_PLANNED and 100 * done < _MISSED_PERCENT * planned
