"""What was logged, held against what was planned."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations, permutations
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.glucose.domain.adherence import (
    Amount,
    Budget,
    Due,
    Force,
    Kept,
    Line,
    Logged,
    carbohydrate_kept,
    exercise_kept,
    follow,
    kept,
    pairs,
)
from services.glucose.domain.schedule import Times

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
ALWAYS = Force(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
RAPID, LONG, CHECK = "rapid", "long", "check"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def line(substance: str, units: str | None, *minutes: int) -> Line:
    return Line(substance, Amount(Decimal(units), 0) if units else None, Times(minutes))


def logged(time: str, substance: str, units: str | None = None) -> Logged:
    return Logged(uuid4(), at(time), substance, Amount(Decimal(units), 0) if units else None)


def on_day(lines: list[Line], *doses: Logged, day: str = "2026-11-24", zone: ZoneInfo = UTC_ZONE) -> list[Due]:
    start = at(day)
    return follow(lines, zone, ALWAYS, start, start + timedelta(days=1), doses)


def counts(due: list[Due], lines: int = 1, now: str = "2030-01-01") -> list[Kept]:
    return kept(due, lines, at(now))


@pytest.mark.parametrize(
    ("time", "units", "expected"),
    [
        ("2026-11-24T07:00", "4", Kept(1, 1, 0)),
        ("2026-11-24T09:00", "4.00", Kept(1, 1, 0)),  # 60 minutes are still in time, 4 is 4.00
        ("2026-11-24T06:59:59", "4", Kept(1, 0, 0)),
        ("2026-11-24T09:00:01", "4", Kept(1, 0, 0)),
        ("2026-11-24T08:00", "4.5", Kept(1, 0, 1)),
    ],
)
def test_a_dose_within_an_hour_and_of_its_amount(time: str, units: str, expected: Kept) -> None:
    assert counts(on_day([line(RAPID, "4", 8 * 60)], logged(time, RAPID, units))) == [expected]


def test_another_insulin_is_another_dose() -> None:
    assert counts(on_day([line(RAPID, "4", 8 * 60)], logged("2026-11-24T08:00", LONG, "4"))) == [Kept(1, 0, 0)]


def test_one_dose_does_for_one_time() -> None:
    lines = [line(RAPID, "4", 8 * 60, 8 * 60 + 30)]
    assert counts(on_day(lines, logged("2026-11-24T08:15", RAPID, "4"))) == [Kept(2, 1, 0)]


def test_a_dose_goes_to_the_line_of_its_amount() -> None:
    """Both stand at eight: 6 units of breakfast, 4 of a correction; logged the other way round."""
    lines = [line(RAPID, "6", 8 * 60), line(RAPID, "4", 8 * 60)]
    due = on_day(lines, logged("2026-11-24T07:59", RAPID, "4"), logged("2026-11-24T08:01", RAPID, "6"))
    assert counts(due, 2) == [Kept(1, 1, 0), Kept(1, 1, 0)]


def test_the_nearest_time_gets_it() -> None:
    due = on_day([line(CHECK, None, 8 * 60, 9 * 60)], logged("2026-11-24T08:50", CHECK))
    assert [each.logged is not None for each in due] == [False, True]


def test_a_dose_of_the_time_before_the_window_is_not_the_window_s() -> None:
    lines, dose = [line(RAPID, "4", 8 * 60, 9 * 60)], logged("2026-11-24T08:05", RAPID, "4")
    due = follow(lines, UTC_ZONE, ALWAYS, at("2026-11-24T08:30"), at("2026-11-24T10:00"), [dose])
    assert [(each.time, each.logged) for each in due] == [(at("2026-11-24T09:00"), None)]


def test_only_while_the_revision_was_in_force() -> None:
    force = Force(at("2026-11-24T08:00"), at("2026-11-24T20:00"))
    due = follow([line(RAPID, "4", 7 * 60, 8 * 60, 20 * 60)], UTC_ZONE, force, at("2026-11-01"), at("2026-12-01"), [])
    assert [each.time for each in due] == [at("2026-11-24T08:00")]


def test_what_may_still_be_done_is_not_missed() -> None:
    lines = [line(CHECK, None, 8 * 60, 12 * 60)]
    assert counts(on_day(lines), now="2026-11-24T08:59") == [Kept(0, 0)]
    assert counts(on_day(lines), now="2026-11-24T09:00") == [Kept(1, 0)]
    done = on_day(lines, logged("2026-11-24T11:30", CHECK))
    assert counts(done, now="2026-11-24T11:31") == [Kept(2, 1)]
    assert counts(on_day(lines), now="2026-11-24T08:00")[0].percent is None


def test_the_night_the_clocks_go_forward() -> None:
    """2:30 does not exist on 29 March 2026 in Berlin; the dose is due at 3:30, 1:30 UTC."""
    lines = [line(LONG, "10", 150)]
    for time, expected in ("2026-03-29T00:30", 1), ("2026-03-29T02:30", 1), ("2026-03-29T02:31", 0):
        due = on_day(lines, logged(time, LONG, "10"), day="2026-03-29", zone=BERLIN)
        assert [each.time for each in due] == [at("2026-03-29T01:30")]
        assert counts(due) == [Kept(1, expected)]


def test_the_night_the_clocks_go_back() -> None:
    """2:30 exists twice on 25 October 2026 in Berlin; one dose is due, at the first, 0:30 UTC. Logged at the second it
    is still within the hour, and 3:00 (2:00 UTC) is a time of its own."""
    lines = [line(LONG, "10", 150, 180)]
    due = on_day(lines, logged("2026-10-25T01:30", LONG, "10"), day="2026-10-25", zone=BERLIN)
    assert [each.time for each in due] == [at("2026-10-25T00:30"), at("2026-10-25T02:00")]
    assert counts(due) == [Kept(2, 1)]
    both = logged("2026-10-25T01:30", LONG, "10"), logged("2026-10-25T00:35", LONG, "10")
    assert counts(on_day(lines, *both, day="2026-10-25", zone=BERLIN)) == [Kept(2, 2)]


def test_two_times_that_the_clocks_make_one_are_asked_once() -> None:
    due = on_day([line(LONG, "10", 150, 210)], day="2026-03-29", zone=BERLIN)
    assert [each.time for each in due] == [at("2026-03-29T01:30")]


def test_the_carbohydrate_budget() -> None:
    """A day without meals logged says nothing; the window's first day is not whole."""
    first, second, third = (date(2026, 11, day) for day in (23, 24, 25))
    meals = [(first, 500.0), *[(second, 0.1)] * 10, (third, 30.0), (third, 60.0)]
    window = at("2026-11-23T12:00"), at("2026-11-27T00:00")
    assert carbohydrate_kept(meals, Budget(1, 0), *window, UTC_ZONE) == Kept(2, 1)  # ten times 0.1 is 1
    assert carbohydrate_kept(meals, Budget(90, 0), *window, UTC_ZONE) == Kept(2, 2)
    assert carbohydrate_kept(meals, Budget(90, 50), *window, UTC_ZONE) == Kept(2, 1)


def test_exercise_by_whole_weeks() -> None:
    """Monday 9 to Sunday 22 November 2026 are two whole weeks of the window; the week of the 23rd has not ended."""
    done = [(date(2026, 11, 10), 100), (date(2026, 11, 15), 50), (date(2026, 11, 16), 149), (date(2026, 11, 24), 500)]
    window = at("2026-11-04T00:00"), at("2026-11-27T00:00")
    assert exercise_kept(done, 150, *window, UTC_ZONE) == Kept(2, 1)
    assert exercise_kept([], 150, *window, UTC_ZONE) == Kept(2, 0)


MINUTES = st.lists(st.integers(0, 300), max_size=5).map(sorted)


@given(planned=MINUTES, taken=MINUTES)
def test_as_many_as_can_be_and_then_as_near(planned: list[int], taken: list[int]) -> None:
    """Held against every way to pair them."""
    found = pairs(planned, taken, 60)
    assert len({place for place, _ in found}) == len({index for _, index in found}) == len(found)
    cost = [abs(planned[place] - taken[index]) for place, index in found]
    assert all(minutes <= 60 for minutes in cost)
    assert (-len(found), sum(cost)) == _best(planned, taken)


DOSES = st.tuples(MINUTES, st.sampled_from(["4", "6"])).map(
    lambda drawn: [logged(f"2026-11-24T{minute // 60:02}:{minute % 60:02}", RAPID, drawn[1]) for minute in drawn[0]]
)


@given(first=MINUTES, second=MINUTES, doses=st.lists(DOSES, max_size=2), more=DOSES)
def test_a_dose_more_never_makes_it_worse(
    first: list[int], second: list[int], doses: list[list[Logged]], more: list[Logged]
) -> None:
    lines = [line(RAPID, "4", *first), line(RAPID, "6", *second)]
    taken = [dose for some in doses for dose in some]
    before, after = on_day(lines, *taken), on_day(lines, *taken, *more)
    for due in before, after:
        used = [each.logged.entry_id for each in due if each.logged]
        assert len(set(used)) == len(used)
    assert sum(each.right for each in before) <= sum(each.right for each in after)
    assert len(before) == len(after) == len({*first}) + len({*second})


def _best(planned: list[int], taken: list[int]) -> tuple[int, int]:
    for size in range(min(len(planned), len(taken)), 0, -1):
        costs = [
            [abs(one - other) for one, other in zip(some, others, strict=True)]
            for some in combinations(planned, size)
            for others in permutations(taken, size)
        ]
        if fitting := [sum(cost) for cost in costs if max(cost) <= 60]:
            return -size, min(fitting)
    return 0, 0
