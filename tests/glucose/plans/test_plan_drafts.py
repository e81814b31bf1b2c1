"""Suggestions: each rule says something when, and only when, the figures say so."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from apricot.access.v1.access_pb2 import Scope
from apricot.glucose.v1.entry_pb2 import EXERCISE_KIND_WALKING, INSULIN_KIND_RAPID, Decimal
from apricot.glucose.v1.plan_pb2 import DRAFT_TOPIC_DATA, PlannedMedicine
from hypothesis import given
from hypothesis import strategies as st

from glycemia.units import Bound
from kit.views import View, Window
from services.glucose.domain.adherence import Kept
from services.glucose.domain.drafts import (
    Eaten,
    Exercised,
    Fortnight,
    Goals,
    Reading,
    Suggestion,
    Topic,
    suggest,
)
from tests.glucose.plans.planned import PHONE, Clinic, content, request_id

DAY = datetime(2026, 11, 10, tzinfo=UTC)
OFFSET = timedelta(hours=8)


def at(day: int, hour: float) -> datetime:
    """An instant by the patient's wall clock."""
    return DAY + timedelta(days=day, hours=hour) - OFFSET


def test_low_and_high_are_beyond_whatever_the_limit() -> None:
    low, high = (reading(0, 8, value)._replace(bound=bound) for value, bound in ((70, Bound.LOW), (180, Bound.HIGH)))
    assert (low.is_low, low.is_very_low, low.is_high) == (True, True, False)
    assert (high.is_low, high.is_very_low, high.is_high) == (False, False, True)


def reading(day: int, hour: float, mg_per_dl: float = 110, unit: int = 1) -> Reading:
    time = at(day, hour)
    return Reading(time, time + OFFSET, mg_per_dl, unit)


def eaten(day: int, hour: float, carbohydrate_g: float = 50) -> Eaten:
    return Eaten(at(day, hour), at(day, hour) + OFFSET, carbohydrate_g)


def fortnight(change: Callable[[int, int], float] = lambda _day, _hour: 110) -> Fortnight:
    """One reading an hour for 14 days."""
    return Fortnight([reading(day, hour, change(day, hour)) for day in range(14) for hour in range(24)])


def kinds(found: Sequence[Suggestion]) -> list[str]:
    return [each.kind for each in found]


def test_good_figures_suggest_nothing() -> None:
    assert suggest(fortnight()) == []


@pytest.mark.parametrize(("readings", "days"), [(0, 0), (27, 14), (200, 9)])
def test_with_too_few_readings_nothing_but_that(readings: int, days: int) -> None:
    seen = Fortnight(
        [reading(n % max(days, 1), n / max(readings, 1) * 20, 40) for n in range(readings)],
        medicines=[Kept(28, 0)],
    )
    (only,) = suggest(seen)
    assert (only.topic, only.kind) == (Topic.DATA, "too_few_readings")
    assert (only.figures["readings"], only.figures["days_with_readings"]) == (readings, days)


def test_two_fingersticks_a_day_are_enough() -> None:
    assert suggest(Fortnight([reading(day, hour) for day in range(14) for hour in (7, 19)])) == []


def test_below_range() -> None:
    """14 of 336 readings are 4.2 %; 13 are 3.9 %."""
    found = suggest(fortnight(lambda _, hour: 65 if hour == 15 else 110))
    assert kinds(found) == ["below_range"]
    assert found[0].figures == {"below_range_percent": 100 * 14 / 336, "very_low_percent": 0, "goal_percent": 4}
    assert suggest(fortnight(lambda day, hour: 65 if hour == 15 and day else 110)) == []
    assert kinds(suggest(fortnight(lambda day, hour: 53 if hour == 15 and day < 4 else 110))) == ["below_range"]


def test_the_plan_s_own_targets_are_held() -> None:
    seen = fortnight(lambda day, hour: 65 if hour == 15 and day < 7 else 110)
    assert suggest(seen) == []
    assert kinds(suggest(replace(seen, goals=Goals(below_range_percent=1)))) == ["below_range"]
    assert kinds(suggest(replace(seen, goals=Goals(in_range_percent=99)))) == ["in_range"]


def test_in_range_and_above_range() -> None:
    found = suggest(fortnight(lambda _, hour: 190 if hour < 8 else 150))
    assert kinds(found) == ["in_range", "above_range"]
    assert found[0].figures["in_range_percent"] == pytest.approx(100 * 16 / 24)
    assert found[1].figures["above_range_percent"] == pytest.approx(100 * 8 / 24)


def test_a_reading_falls_by_its_own_unit() -> None:
    """10.0 mmol/L, 180.156 mg/dL, is in range."""
    seen = Fortnight([reading(day, hour, 180.156, 2) for day in range(14) for hour in range(24)])
    assert suggest(seen) == []
    assert kinds(suggest(Fortnight([each._replace(unit=1) for each in seen.readings]))) == ["in_range", "above_range"]


def test_variability() -> None:
    """Half of 336 readings 75, half 175: mean 125, standard deviation (n - 1) 50.07, CV 40.06 %."""
    found = suggest(fortnight(lambda _, hour: 175 if hour % 2 else 75))
    assert kinds(found) == ["variability"]
    assert found[0].figures["cv_percent"] == pytest.approx(40.06, abs=0.01)
    assert suggest(fortnight(lambda _, hour: 160 if hour % 2 else 80)) == []  # 33.4 %


def test_lows_at_night() -> None:
    found = suggest(fortnight(lambda day, hour: 60 if hour == 3 and day in (1, 5) else 110))
    assert kinds(found) == ["lows_at_night"]
    assert found[0].topic == Topic.MEDICINES
    assert found[0].figures == {"nights_with_lows": 2, "nights_with_readings": 14, "lowest_mg_per_dl": 60}
    assert suggest(fortnight(lambda day, hour: 60 if hour == 3 and day == 1 else 110)) == []
    assert suggest(fortnight(lambda day, hour: 60 if hour == 6 and day in (1, 5) else 110)) == []


def test_lows_after_exercise() -> None:
    seen = fortnight(lambda day, hour: 60 if hour == 18 and day in (1, 5) else 110)
    walks = [Exercised(at(day, 14), 30) for day in (1, 3, 5)]  # until 14:30, and four hours
    found = suggest(replace(seen, exercises=walks))
    assert kinds(found) == ["lows_after_exercise"]
    assert found[0].figures == {"exercises_with_lows": 2, "exercises_with_readings": 3}
    assert suggest(replace(seen, exercises=[Exercised(at(day, 13), 30) for day in (1, 5)])) == []


def test_highs_after_a_meal_by_time_of_day() -> None:
    seen = fortnight(lambda _, hour: 200 if hour == 9 else 110)
    meals = [eaten(day, 7) for day in range(4)] + [eaten(day, 12) for day in range(4)]
    found = suggest(replace(seen, meals=meals))
    assert kinds(found) == ["highs_after_breakfast"]
    assert found[0].figures == {"meals_with_highs": 4, "meals_with_readings": 4, "mean_peak_mg_per_dl": 200}
    assert suggest(replace(seen, meals=meals[:2])) == []
    assert suggest(replace(seen, meals=[eaten(day, 10, 0) for day in range(5)])) == []


def test_over_the_carbohydrate_budget() -> None:
    meals = [eaten(day, hour, 60 if day < 3 else 40) for day in range(10) for hour in (8, 13, 18)]
    seen = replace(fortnight(), meals=meals)
    assert suggest(seen) == []
    found = suggest(replace(seen, goals=Goals(carbohydrate_g_per_day=150)))
    assert kinds(found) == ["over_carbohydrate_budget"]
    assert found[0].figures == {
        "days_over": 3,
        "days_with_meals": 10,
        "mean_g_per_day": 138,
        "goal_g_per_day": 150,
    }
    assert suggest(replace(seen, goals=Goals(carbohydrate_g_per_day=180))) == []


def test_what_is_not_kept() -> None:
    seen = replace(
        fortnight(),
        medicines=[Kept(14, 12), Kept(14, 3, 4), Kept(4, 0)],
        checks=Kept(28, 20),
        exercise_weeks=Kept(1, 0),
    )
    found = suggest(seen)
    assert kinds(found) == ["doses_not_logged", "checks_not_done", "exercise_below_goal"]
    assert found[0].figures == {"medicine": 1, "planned": 14, "logged": 7}


@given(
    values=st.lists(st.integers(40, 400), min_size=24, max_size=24),
    medicines=st.lists(st.builds(Kept, st.integers(0, 60), st.just(0), st.just(0)), max_size=20),
    meals=st.lists(st.builds(eaten, st.integers(0, 13), st.integers(0, 23), st.integers(0, 300)), max_size=60),
)
def test_whatever_the_figures_no_medicine_is_named_and_every_line_has_its_figures(
    values: list[int], medicines: list[Kept], meals: list[Eaten]
) -> None:
    """The law: nothing drafts a prescription. And a draft can be decided: at most 50 lines."""
    seen = replace(
        fortnight(lambda _, hour: values[hour]),
        meals=sorted(meals),
        medicines=medicines,
        exercises=[Exercised(at(day, 17), 30) for day in range(14)],
        checks=Kept(60, 1),
        exercise_weeks=Kept(1, 0),
        goals=Goals(carbohydrate_g_per_day=100),
    )
    found = suggest(seen)
    assert len(found) <= 50
    for each in found:
        assert each.figures
        assert " units" not in each.text
        assert "dose of" not in each.text


async def test_a_draft_comes_from_the_diary_and_the_plan(clinic: Clinic) -> None:
    begin = clinic.clock.now - timedelta(days=13)  # a morning at eight
    now = clinic.clock.now
    clinic.clock.now = begin
    aspart = PlannedMedicine(
        name="insulin aspart", insulin_kind=INSULIN_KIND_RAPID, amount=Decimal(value="4"), minutes_of_day=[12 * 60]
    )
    await clinic.in_force(content(medicines=[aspart], checks=[]))
    clinic.clock.now = now
    readings = [
        PHONE.sensor_reading(begin + timedelta(hours=n), 60 if n % 24 == 19 and n < 100 else 110)  # at 3 in the morning
        for n in range(13 * 24)
    ]
    meals = [PHONE.meal(begin + timedelta(days=day, hours=10), 250) for day in range(12)]
    walks = [
        PHONE.exercise(begin + timedelta(days=day, hours=17, minutes=30), EXERCISE_KIND_WALKING, 20) for day in range(4)
    ]
    await clinic.log(*readings, *meals, *walks)
    draft = await clinic.draft()
    assert (draft.days, draft.readings_count) == (14, 312)
    found = {line.suggestion: line.figures for line in draft.lines}
    assert set(found) == {
        "lows_at_night",
        "lows_after_exercise",
        "over_carbohydrate_budget",
        "doses_not_logged",
        "exercise_below_goal",
    }
    assert found["lows_at_night"] == {"nights_with_lows": 4, "nights_with_readings": 13, "lowest_mg_per_dl": 60}
    assert found["doses_not_logged"] == {"medicine": 0, "planned": 13, "logged": 0}
    assert len({line.line_id for line in draft.lines}) == len(draft.lines)


async def test_a_draft_shows_no_more_than_the_caller_may_see(clinic: Clinic) -> None:
    begin = clinic.clock.now - timedelta(days=13)
    await clinic.log(*(PHONE.sensor_reading(begin + timedelta(hours=n), 60) for n in range(13 * 24)))
    write = Window(Scope.SCOPE_PLAN_WRITE)

    async def lines(*windows: Window) -> int:
        return len((await clinic.draft(View(frozenset({write, *windows})))).lines)

    (line,) = (await clinic.draft(View(frozenset({write})))).lines
    assert (line.topic, line.figures["readings"]) == (DRAFT_TOPIC_DATA, 0)
    assert await lines(Window(Scope.SCOPE_REPORT_READ)) > 1
    half = Window(Scope.SCOPE_GLUCOSE_READ, start_time=begin + timedelta(days=12))
    (line,) = (await clinic.draft(View(frozenset({write, half})))).lines
    assert line.figures["readings"] == 24


async def test_a_repeated_request_gives_the_first_draft(clinic: Clinic) -> None:
    same = request_id()
    first = await clinic.draft(same=same)
    clinic.clock.advance(days=1)
    assert await clinic.draft(same=same) == first
    assert len(await clinic.fetch("select 1 from plan_draft where patient_id = $1", clinic.patient)) == 1
