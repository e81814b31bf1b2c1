"""A plan as it is typed: text that may not be a plan yet, and never is lost.

Its rules are the contract's own (`buf.validate`, by protovalidate), with the few that the contract cannot express.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import protovalidate
from apricot.glucose.v1 import plan_pb2
from apricot.glucose.v1.entry_pb2 import DoseUnit, InsulinKind, MealContext
from apricot.glucose.v1.plan_pb2 import PlanContent, PlannedCheck, PlannedMedicine

from clients.clinician.models.settings import Unit
from glycemia.units import MG_PER_DL_PER_MMOL_PER_L

MOST_INSULIN_UNITS = 300
_DAY_MINUTES = 1440
_TIME = re.compile(r"(\d{1,2})(?:[:：](\d{2}))?")
_BETWEEN_TIMES = re.compile(r"[\s,;，；、]+")


@dataclass
class MedicineForm:
    """One medicine."""

    name: str = ""
    insulin_kind: int = 0
    amount: str = ""
    unit: int = 0
    times: str = ""
    """Such as "07:00, 18:00"."""
    weekdays: list[int] = field(default_factory=list)
    instructions: str = ""
    atc_code: str = ""


@dataclass
class CheckForm:
    """One moment to measure."""

    time: str = ""
    meal_context: int = 0
    weekdays: list[int] = field(default_factory=list)


@dataclass
class PlanForm:
    """All of a plan. An empty field says nothing."""

    glucose_unit: str = Unit.MMOL_PER_L.value
    """Of the two edges of the range, as they were typed."""
    has_targets: bool = False
    range_low: str = ""
    range_high: str = ""
    in_range_percent: str = ""
    below_range_percent: str = ""
    medicines: list[MedicineForm] = field(default_factory=list)
    checks: list[CheckForm] = field(default_factory=list)
    carbohydrate_g_per_day: str = ""
    carbohydrate_g_per_meal: str = ""
    meal_advice: str = ""
    minutes_per_week: str = ""
    exercise_advice: str = ""
    notes: str = ""
    time_zone: str = ""


@dataclass(frozen=True)
class Violation:
    """What of a field breaks which rule."""

    field: str
    """Its path in PlanContent, such as "medicines[0].amount"."""
    rule: str
    """The contract's name of it, such as "int32.gte_lte"; of ours: number, time, dose, insulin_unit, unit, zone."""
    bounds: tuple[str, ...] = ()
    """The numbers that the rule names."""
    text: str = ""
    """In English, where nobody has other words."""


def form_of(content: PlanContent, unit: Unit) -> PlanForm:
    """What a plan looks like before anybody types."""
    targets, meals, exercise = content.targets, content.meal_advice, content.exercise_advice
    return PlanForm(
        glucose_unit=unit.value,
        has_targets=content.HasField("targets"),
        range_low=_edge_text(targets.range_low_mg_per_dl, unit),
        range_high=_edge_text(targets.range_high_mg_per_dl, unit),
        in_range_percent=str(targets.in_range_percent) if content.HasField("targets") else "",
        below_range_percent=str(targets.below_range_percent) if content.HasField("targets") else "",
        medicines=[
            MedicineForm(
                each.name,
                each.insulin_kind,
                each.amount.value,
                each.unit,
                times_text(each.minutes_of_day),
                sorted(each.weekdays),
                each.instructions,
                each.atc_code,
            )
            for each in content.medicines
        ],
        checks=[
            CheckForm(time_text(each.minute_of_day), each.meal_context, sorted(each.weekdays))
            for each in content.checks
        ],
        carbohydrate_g_per_day=_number_text(meals.carbohydrate_g_per_day),
        carbohydrate_g_per_meal=_number_text(meals.carbohydrate_g_per_meal),
        meal_advice=meals.advice,
        minutes_per_week=_number_text(exercise.minutes_per_week),
        exercise_advice=exercise.advice,
        notes=content.notes,
        time_zone=content.time_zone,
    )


def read(form: PlanForm, before: PlanContent) -> tuple[PlanContent, list[Violation]]:
    """The plan that was typed, and what is wrong with it. `before` is what the form was made from: an edge of the range
    that was not touched stays as it was, to the mg/dL."""
    content, reader = PlanContent(notes=form.notes, time_zone=form.time_zone.strip()), _Reader()
    if form.has_targets:
        unit, was = Unit(form.glucose_unit), before.targets
        targets = content.targets
        targets.SetInParent()
        for name, text in (("range_low_mg_per_dl", form.range_low), ("range_high_mg_per_dl", form.range_high)):
            setattr(targets, name, reader.edge(f"targets.{name}", text, unit, getattr(was, name)))
        targets.in_range_percent = reader.number("targets.in_range_percent", form.in_range_percent)
        targets.below_range_percent = reader.number(
            "targets.below_range_percent", form.below_range_percent, needed=True
        )
    content.medicines.extend(reader.medicine(place, each) for place, each in enumerate(form.medicines))
    content.checks.extend(reader.check(place, each) for place, each in enumerate(form.checks))
    meals = plan_pb2.MealAdvice(
        carbohydrate_g_per_day=reader.number("meal_advice.carbohydrate_g_per_day", form.carbohydrate_g_per_day),
        carbohydrate_g_per_meal=reader.number("meal_advice.carbohydrate_g_per_meal", form.carbohydrate_g_per_meal),
        advice=form.meal_advice,
    )
    exercise = plan_pb2.ExerciseAdvice(
        minutes_per_week=reader.number("exercise_advice.minutes_per_week", form.minutes_per_week),
        advice=form.exercise_advice,
    )
    if meals != plan_pb2.MealAdvice():
        content.meal_advice.CopyFrom(meals)
    if exercise != plan_pb2.ExerciseAdvice():
        content.exercise_advice.CopyFrom(exercise)
    told = {violation.field for violation in reader.violations}
    found = [*reader.violations]
    for violation in [*_of_contract(content), *_of_ours(content)]:
        if violation.field not in told:  # one word at a field is enough
            told.add(violation.field)
            found.append(violation)
    return content, found


def to_json(form: PlanForm) -> dict[str, Any]:
    """To keep."""
    return asdict(form)


def from_json(kept: Mapping[str, Any]) -> PlanForm:
    """What was kept; of another version's what this one knows."""
    form = PlanForm(**_known(PlanForm, kept))
    form.medicines = [MedicineForm(**_known(MedicineForm, each)) for each in kept.get("medicines", ())]
    form.checks = [CheckForm(**_known(CheckForm, each)) for each in kept.get("checks", ())]
    return form


def minutes_of(text: str) -> list[int] | None:
    """Minutes of the day: "7:00, 18" are 420 and 1080; None where some of it is no time."""
    minutes = []
    for part in filter(None, _BETWEEN_TIMES.split(text.strip())):
        found = _TIME.fullmatch(part)
        minute = int(found[1]) * 60 + int(found[2] or 0) if found and int(found[2] or 0) < 60 else _DAY_MINUTES
        if minute >= _DAY_MINUTES:
            return None
        minutes.append(minute)
    return minutes


def time_text(minute: int) -> str:
    """07:05"""
    return f"{minute // 60:02}:{minute % 60:02}"


def times_text(minutes: Sequence[int]) -> str:
    """07:00, 18:00"""
    return ", ".join(map(time_text, sorted(minutes)))


class _Reader:
    """Reads text, and notes what cannot be read."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def number(self, path: str, text: str, *, needed: bool = False) -> int:
        text = text.strip()
        if not text and not needed:
            return 0
        if re.fullmatch(r"[0-9]{1,6}", text):
            return int(text)
        self.violations.append(Violation(path, "number"))
        return 0

    def edge(self, path: str, text: str, unit: Unit, was: int) -> int:
        text = text.strip()
        if was and text == _edge_text(was, unit):
            return was
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,2})?", text):
            self.violations.append(Violation(path, "number"))
            return 0
        return round(float(text) * (1 if unit is Unit.MG_PER_DL else MG_PER_DL_PER_MMOL_PER_L))

    def medicine(self, place: int, form: MedicineForm) -> PlannedMedicine:
        path, minutes = f"medicines[{place}]", minutes_of(form.times)
        if minutes is None:
            self.violations.append(Violation(f"{path}.minutes_of_day", "time"))
        medicine = PlannedMedicine(
            name=form.name.strip(),
            insulin_kind=InsulinKind.ValueType(form.insulin_kind),
            unit=DoseUnit.ValueType(0 if form.insulin_kind else form.unit),
            minutes_of_day=minutes or [],
            weekdays=form.weekdays,
            instructions=form.instructions,
            atc_code=form.atc_code,
        )
        medicine.amount.value = form.amount.strip()
        return medicine

    def check(self, place: int, form: CheckForm) -> PlannedCheck:
        minutes = minutes_of(form.time)
        if minutes is None or len(minutes) != 1:
            self.violations.append(Violation(f"checks[{place}].minute_of_day", "time"))
        return PlannedCheck(
            minute_of_day=(minutes or [0])[0],
            meal_context=MealContext.ValueType(form.meal_context),
            weekdays=form.weekdays,
        )


def _of_contract(content: PlanContent) -> Iterator[Violation]:
    for each in protovalidate.collect_violations(content):
        path = ""
        for element in each.proto.field.elements if each.proto.field else ():
            path += ("." if path else "") + element.field_name
            if element.subscript is not None and element.subscript.field == "index":
                path += f"[{element.subscript.value}]"
        path = re.sub(r"(minutes_of_day|weekdays)\[\d+\]$", r"\1", path).removesuffix(".value")
        numbers = tuple(re.findall(r"-?\d+", each.proto.message)) if "pattern" not in each.proto.rule_id else ()
        yield Violation(path, each.proto.rule_id, numbers, each.proto.message)


def _of_ours(content: PlanContent) -> Iterator[Violation]:
    """As the platform refuses them."""
    for place, medicine in enumerate(content.medicines):
        path, amount = f"medicines[{place}]", medicine.amount.value
        if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", amount):
            most = MOST_INSULIN_UNITS if medicine.insulin_kind else Decimal(10**6)
            if not 0 < Decimal(amount) <= most:
                yield Violation(f"{path}.amount", "dose", (str(MOST_INSULIN_UNITS),) if medicine.insulin_kind else ())
        if not medicine.insulin_kind and not medicine.unit:
            yield Violation(f"{path}.unit", "unit")
    try:
        ZoneInfo(content.time_zone or "-")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Violation("time_zone", "zone")


def _edge_text(mg_per_dl: int, unit: Unit) -> str:
    if not mg_per_dl:
        return ""
    return str(mg_per_dl) if unit is Unit.MG_PER_DL else f"{mg_per_dl / MG_PER_DL_PER_MMOL_PER_L:.1f}"


def _number_text(number: int) -> str:
    return str(number) if number else ""


def _known(of: type, kept: Mapping[str, Any]) -> dict[str, Any]:
    names = {each.name for each in fields(of)}
    return {name: value for name, value in kept.items() if name in names}
