"""Two revisions side by side, the links of the timeline, and what was typed: laws, without a platform."""

from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_UNSPECIFIED, Decimal, DoseUnit, InsulinKind, MealContext
from apricot.glucose.v1.plan_pb2 import (
    ExerciseAdvice,
    MealAdvice,
    PlanContent,
    PlannedCheck,
    PlannedMedicine,
    PlanTargets,
)
from hypothesis import given, settings
from hypothesis import strategies as some

from clients.clinician.models.loop.chains import links
from clients.clinician.models.loop.compare import Difference, Line, Section, align, compare
from clients.clinician.models.loop.form import form_of, from_json, minutes_of, read, times_text, to_json
from clients.clinician.models.loop.writing import Basis, Decision, Verdict, Writing, kept, taken_up
from clients.clinician.models.settings import Unit
from tests.clinician.loop.parts import content

minutes = some.integers(0, 1439)
weekdays = some.lists(some.integers(1, 7), unique=True, max_size=7)
words = some.sampled_from(["", "less rice", "  a walk ", "少吃"])


@some.composite
def medicines(draw: some.DrawFn) -> PlannedMedicine:
    insulin_kind = draw(some.sampled_from(InsulinKind.values()))
    return PlannedMedicine(
        name=draw(some.sampled_from(["Metformin", "metformin", "Aspart", "Glargine"])),
        insulin_kind=insulin_kind,
        amount=Decimal(value=draw(some.sampled_from(["4", "4.0", "4.5", "12"]))),
        unit=DOSE_UNIT_UNSPECIFIED if insulin_kind else draw(some.sampled_from(DoseUnit.values()[1:])),
        minutes_of_day=draw(some.lists(minutes, unique=True, min_size=1, max_size=3)),
        weekdays=draw(weekdays),
        instructions=draw(words),
    )


@some.composite
def checks(draw: some.DrawFn) -> PlannedCheck:
    minute = draw(some.sampled_from([390, 420, 1320]))
    return PlannedCheck(
        minute_of_day=minute, meal_context=draw(some.sampled_from(MealContext.values())), weekdays=draw(weekdays)
    )


@some.composite
def contents(draw: some.DrawFn) -> PlanContent:
    """Plans that the contract takes."""
    made = PlanContent(
        medicines=draw(some.lists(medicines(), max_size=4)),
        checks=draw(some.lists(checks(), max_size=4)),
        notes=draw(words),
        time_zone=draw(some.sampled_from(["Asia/Shanghai", "Europe/Berlin"])),
    )
    if draw(some.booleans()):
        made.targets.CopyFrom(
            PlanTargets(
                range_low_mg_per_dl=draw(some.integers(54, 119)),
                range_high_mg_per_dl=draw(some.integers(120, 300)),
                in_range_percent=draw(some.integers(1, 100)),
                below_range_percent=draw(some.integers(0, 100)),
            )
        )
    if draw(some.booleans()):
        made.meal_advice.CopyFrom(MealAdvice(carbohydrate_g_per_day=draw(some.integers(0, 1000)), advice=draw(words)))
    if draw(some.booleans()):
        made.exercise_advice.CopyFrom(ExerciseAdvice(minutes_per_week=draw(some.integers(0, 2000)), advice=draw(words)))
    return made


def told(lines: list[Line]) -> list[str]:
    return sorted(map(repr, lines))


@settings(deadline=None)
@given(contents())
def test_nothing_differs_from_itself(plan: PlanContent) -> None:
    assert compare(plan, plan) == []


@settings(deadline=None)
@given(contents(), contents())
def test_what_is_added_one_way_is_removed_the_other_way(one: PlanContent, other: PlanContent) -> None:
    assert told(compare(one, other)) == told([line.turned() for line in compare(other, one)])


@settings(deadline=None)
@given(contents(), contents())
def test_every_line_of_either_side_is_told_once(one: PlanContent, other: PlanContent) -> None:
    lines = align(one, other)
    for section, name in (Section.MEDICINES, "medicines"), (Section.CHECKS, "checks"):
        mine = [line for line in lines if line.section is section]
        assert sum(line.old is not None for line in mine) == len(getattr(one, name))
        assert sum(line.new is not None for line in mine) == len(getattr(other, name))
    assert all((line.difference is Difference.CHANGED) == bool(line.fields) for line in lines if line.fields)


@settings(deadline=None)
@given(contents(), some.randoms())
def test_the_order_of_lines_says_nothing(plan: PlanContent, random: object) -> None:
    turned = PlanContent()
    turned.CopyFrom(plan)
    del turned.medicines[:]
    turned.medicines.extend(reversed(plan.medicines))
    assert compare(plan, turned) == []


def test_a_dose_that_changes_is_one_line_with_what_changed() -> None:
    before, after = content(), content()
    after.medicines[1].amount.value = "850"
    [line] = compare(before, after)
    assert (line.section, line.difference, line.fields) == (Section.MEDICINES, Difference.CHANGED, ("amount",))
    assert isinstance(line.old, PlannedMedicine)
    assert isinstance(line.new, PlannedMedicine)
    assert (line.old.amount.value, line.new.amount.value) == ("500", "850")


def test_another_medicine_is_added_and_the_old_one_removed() -> None:
    after = content()
    after.medicines[1].name = "Gliclazide"
    assert [line.difference for line in compare(content(), after)] == [Difference.REMOVED, Difference.ADDED]


@settings(deadline=None)
@given(contents(), some.sampled_from(Unit))
def test_what_nobody_touched_is_read_as_it_was(plan: PlanContent, unit: Unit) -> None:
    again, violations = read(from_json(to_json(form_of(plan, unit))), plan)
    assert violations == []
    assert compare(plan, again) == []


@settings(deadline=None)
@given(some.lists(minutes, unique=True))
def test_times_are_read_as_they_are_shown(some_minutes: list[int]) -> None:
    assert minutes_of(times_text(some_minutes)) == sorted(some_minutes)


def test_times_are_read_as_people_type_them() -> None:
    assert minutes_of("7，18：30 22:05") == [420, 1110, 1325]
    assert minutes_of("24:00") is None
    assert minutes_of("7:60") is None
    assert minutes_of("breakfast") is None


def test_the_contract_s_rules_are_told_at_their_fields() -> None:
    form = form_of(content(), Unit.MG_PER_DL)
    form.range_low, form.below_range_percent, form.carbohydrate_g_per_day = "20", "", "12o"
    form.medicines[0].amount, form.medicines[1].times, form.medicines[1].name = "301", "noon", ""
    form.checks[0].time = "6:30, 7:00"
    form.time_zone = "Mars/Olympus"
    _, violations = read(form, content())
    assert {each.field: each.rule for each in violations} == {
        "targets.range_low_mg_per_dl": "int32.gte_lte",
        "targets.below_range_percent": "number",
        "meal_advice.carbohydrate_g_per_day": "number",
        "medicines[0].amount": "dose",
        "medicines[1].minutes_of_day": "time",
        "medicines[1].name": "string.min_len",
        "checks[0].minute_of_day": "time",
        "time_zone": "zone",
    }
    [low] = [each for each in violations if each.field == "targets.range_low_mg_per_dl"]
    assert low.bounds == ("54", "120")


def test_what_was_written_and_decided_is_taken_up_again() -> None:
    form = form_of(content(), Unit.MMOL_PER_L)
    form.medicines[0].amount = "half typ"
    writing = Writing(form, Basis("a plan", 3), content(), decisions={"line": Decision(Verdict.CHANGED, "200 g")})
    assert taken_up(kept(writing)) == writing


@settings(deadline=None)
@given(some.lists(some.integers(0, 60), max_size=40))
def test_links_of_one_lane_do_not_run_over_each_other(causes: list[int]) -> None:
    steps = [(str(row), str(row + 1 + cause % 5)) for row, cause in enumerate(causes)]
    for link in links(steps):
        assert link.effect < link.cause < len(steps)
        others = [each for each in links(steps) if each.lane == link.lane and each != link]
        assert link.lane == 3 or all(
            each.cause <= link.effect or each.effect >= link.cause or each.lane == 3 for each in others
        )
