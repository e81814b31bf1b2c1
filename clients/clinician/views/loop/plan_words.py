"""A plan in words: its lines, what changed, what is wrong with what was typed, what the figures suggest."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apricot.glucose.v1.entry_pb2 import (
    DOSE_UNIT_MG,
    DOSE_UNIT_ML,
    DOSE_UNIT_TABLET,
    DOSE_UNIT_UG,
    INSULIN_KIND_INTERMEDIATE,
    INSULIN_KIND_LONG,
    INSULIN_KIND_PREMIXED,
    INSULIN_KIND_RAPID,
    INSULIN_KIND_SHORT,
    MEAL_CONTEXT_AFTER_MEAL,
    MEAL_CONTEXT_BEDTIME,
    MEAL_CONTEXT_BEFORE_MEAL,
    MEAL_CONTEXT_FASTING,
)
from apricot.glucose.v1.plan_pb2 import (
    PLAN_STATE_ACTIVE,
    PLAN_STATE_DECLINED,
    PLAN_STATE_PROPOSED,
    DraftLine,
    Plan,
    PlannedCheck,
    PlannedMedicine,
)
from google.protobuf.timestamp_pb2 import Timestamp
from PySide6.QtCore import QCoreApplication

from clients.clinician.models.loop.compare import Difference, Line, Section, Value
from clients.clinician.models.loop.form import Violation, time_text, times_text
from clients.clinician.models.settings import Unit
from clients.clinician.views.words import concentration

_EDGES = "range_low_mg_per_dl", "range_high_mg_per_dl"


def section(of: Section) -> str:
    """A part's heading."""
    return {
        Section.TARGETS: QCoreApplication.translate("Words", "Targets"),
        Section.MEDICINES: QCoreApplication.translate("Words", "Medicines"),
        Section.CHECKS: QCoreApplication.translate("Words", "When to measure"),
        Section.MEALS: QCoreApplication.translate("Words", "Meals"),
        Section.EXERCISE: QCoreApplication.translate("Words", "Exercise"),
        Section.NOTES: QCoreApplication.translate("Words", "Notes and follow-up"),
        Section.TIME_ZONE: QCoreApplication.translate("Words", "Time zone"),
    }[of]


def difference(of: Difference) -> str:
    """What became of a line, in a word."""
    return {
        Difference.SAME: QCoreApplication.translate("Words", "Unchanged"),
        Difference.ADDED: QCoreApplication.translate("Words", "Added"),
        Difference.REMOVED: QCoreApplication.translate("Words", "Removed"),
        Difference.CHANGED: QCoreApplication.translate("Words", "Changed"),
    }[of]


def field(name: str) -> str:
    """What the contract's field is called."""
    return {
        "range_low_mg_per_dl": QCoreApplication.translate("Words", "Range, lower edge"),
        "range_high_mg_per_dl": QCoreApplication.translate("Words", "Range, upper edge"),
        "in_range_percent": QCoreApplication.translate("Words", "Time in range, at least"),
        "below_range_percent": QCoreApplication.translate("Words", "Below range, at most"),
        "carbohydrate_g_per_day": QCoreApplication.translate("Words", "Carbohydrate a day"),
        "carbohydrate_g_per_meal": QCoreApplication.translate("Words", "Carbohydrate a meal"),
        "minutes_per_week": QCoreApplication.translate("Words", "Minutes a week"),
        "advice": QCoreApplication.translate("Words", "Advice"),
        "name": QCoreApplication.translate("Words", "name"),
        "insulin_kind": QCoreApplication.translate("Words", "kind"),
        "amount": QCoreApplication.translate("Words", "dose"),
        "unit": QCoreApplication.translate("Words", "unit"),
        "minutes_of_day": QCoreApplication.translate("Words", "times"),
        "minute_of_day": QCoreApplication.translate("Words", "time"),
        "weekdays": QCoreApplication.translate("Words", "days"),
        "instructions": QCoreApplication.translate("Words", "how to take it"),
        "meal_context": QCoreApplication.translate("Words", "meal"),
        "atc_code": QCoreApplication.translate("Words", "ATC code"),
    }.get(name, name)


def insulin_kinds() -> dict[int, str]:
    """How a medicine acts; 0 is no insulin."""
    return {
        0: QCoreApplication.translate("Words", "Not insulin"),
        INSULIN_KIND_RAPID: QCoreApplication.translate("Words", "Rapid-acting insulin"),
        INSULIN_KIND_SHORT: QCoreApplication.translate("Words", "Short-acting insulin"),
        INSULIN_KIND_INTERMEDIATE: QCoreApplication.translate("Words", "Intermediate insulin"),
        INSULIN_KIND_LONG: QCoreApplication.translate("Words", "Long-acting insulin"),
        INSULIN_KIND_PREMIXED: QCoreApplication.translate("Words", "Premixed insulin"),
    }


def dose_units() -> dict[int, str]:
    """Of medicines that are no insulin."""
    return {
        0: QCoreApplication.translate("Words", "unit"),
        DOSE_UNIT_MG: "mg",
        DOSE_UNIT_UG: "µg",
        DOSE_UNIT_TABLET: QCoreApplication.translate("Words", "tablet"),
        DOSE_UNIT_ML: "mL",
    }


def meal_contexts() -> dict[int, str]:
    """When in relation to eating."""
    return {
        0: QCoreApplication.translate("Words", "Any time"),
        MEAL_CONTEXT_FASTING: QCoreApplication.translate("Words", "Fasting"),
        MEAL_CONTEXT_BEFORE_MEAL: QCoreApplication.translate("Words", "Before a meal"),
        MEAL_CONTEXT_AFTER_MEAL: QCoreApplication.translate("Words", "After a meal"),
        MEAL_CONTEXT_BEDTIME: QCoreApplication.translate("Words", "At bedtime"),
    }


def weekday_names() -> list[str]:
    """Monday first."""
    return [
        QCoreApplication.translate("Words", "Mon"),
        QCoreApplication.translate("Words", "Tue"),
        QCoreApplication.translate("Words", "Wed"),
        QCoreApplication.translate("Words", "Thu"),
        QCoreApplication.translate("Words", "Fri"),
        QCoreApplication.translate("Words", "Sat"),
        QCoreApplication.translate("Words", "Sun"),
    ]


def days(weekdays: Sequence[int]) -> str:
    """On which."""
    if len(weekdays) in (0, 7):
        return QCoreApplication.translate("Words", "every day")
    names = weekday_names()
    return QCoreApplication.translate("Words", ", ").join(names[day - 1] for day in sorted(weekdays))


def dose(medicine: PlannedMedicine) -> str:
    """500 mg"""
    unit = "IU" if medicine.insulin_kind else dose_units()[medicine.unit]
    return f"{medicine.amount.value} {unit}"


def times(minutes: Sequence[int]) -> str:
    """When on a day."""
    return times_text(minutes) or QCoreApplication.translate("Words", "no time")


def medicine(of: PlannedMedicine) -> str:
    """Whole, without its name."""
    parts = [dose(of), times(of.minutes_of_day), days(of.weekdays)]
    if of.insulin_kind:
        parts.insert(0, insulin_kinds()[of.insulin_kind])
    return " · ".join([*parts, *([of.instructions] if of.instructions else [])])


def check(of: PlannedCheck) -> str:
    """Whole."""
    return f"{time_text(of.minute_of_day)} · {_detail(of)}"


def title(line: Line) -> str:
    """What a line is about."""
    value = line.old if line.new is None else line.new
    if isinstance(value, PlannedMedicine):
        return value.name
    if isinstance(value, PlannedCheck):
        return QCoreApplication.translate("Words", "Measuring at {time}").format(time=time_text(value.minute_of_day))
    return field(line.field) if line.field else section(line.section)


def value(of: Value | None, name: str, unit: Unit) -> str:
    """A line's one side; "" where it says nothing."""
    match of:
        case None:
            return ""
        case PlannedMedicine():
            return medicine(of)
        case PlannedCheck():
            return check(of)
        case int() if name in _EDGES:
            return f"{concentration(of, unit)} {unit.value}"
        case int() if name.endswith("percent"):
            return f"{of} %"
        case int() if name.startswith("carbohydrate"):
            return f"{of} g"
        case int():
            return QCoreApplication.translate("Words", "{count} min").format(count=of)
    return str(of)


def change(line: Line, unit: Unit) -> str:
    """In one sentence: "Metformin: dose from 500 mg to 850 mg"."""
    old, new = (
        _detail(side) if isinstance(side, PlannedCheck) else value(side, line.field, unit)
        for side in (line.old, line.new)
    )
    if line.difference is Difference.ADDED:
        return QCoreApplication.translate("Words", "{what} added: {new}").format(what=title(line), new=new)
    if line.difference is Difference.REMOVED:
        return QCoreApplication.translate("Words", "{what} removed: {old}").format(what=title(line), old=old)
    if not line.fields:
        text = QCoreApplication.translate("Words", "{what}: from {old} to {new}")
        if isinstance(line.new, str):
            text = QCoreApplication.translate("Words", "{what}: “{old}” becomes “{new}”")
        return text.format(what=title(line), old=old, new=new)
    parts = [
        QCoreApplication.translate("Words", "{what} from {old} to {new}").format(
            what=field(name), old=_part(line.old, name), new=_part(line.new, name)
        )
        for name in line.fields
    ]
    return QCoreApplication.translate("Words", "{what}: {changes}").format(what=title(line), changes=", ".join(parts))


def _detail(of: PlannedCheck) -> str:
    return f"{meal_contexts()[of.meal_context]} · {days(of.weekdays)}"


def _part(of: Value | None, name: str) -> str:
    """One field of a medicine or a check."""
    found = getattr(of, name)
    match name:
        case "amount" if isinstance(of, PlannedMedicine):
            return dose(of)
        case "minutes_of_day":
            return times(found)
        case "minute_of_day":
            return time_text(found)
        case "weekdays":
            return days(found)
        case "insulin_kind":
            return insulin_kinds()[found]
        case "unit":
            return dose_units()[found]
        case "meal_context":
            return meal_contexts()[found]
    return str(found) or QCoreApplication.translate("Words", "nothing")


def violation(of: Violation, unit: Unit) -> str:
    """What is wrong with a field, and how it would be right."""
    bounds = of.bounds
    if of.field.endswith("mg_per_dl"):
        bounds = tuple(concentration(int(bound), unit) for bound in bounds)
    match of.rule, len(bounds):
        case "int32.gte_lte", 2:
            return QCoreApplication.translate("Words", "From {least} to {most}.").format(
                least=bounds[0], most=bounds[1]
            )
        case "plan_targets.range", _:
            return QCoreApplication.translate("Words", "The upper edge must be above the lower edge.")
        case (("string.min_len" | "required"), _):
            return QCoreApplication.translate("Words", "Required.")
        case "string.max_len", 1:
            return QCoreApplication.translate("Words", "At most {most} characters.").format(most=bounds[0])
        case "repeated.min_items", _:
            return QCoreApplication.translate("Words", "At least one time, such as 07:00.")
        case "repeated.max_items", 1:
            return QCoreApplication.translate("Words", "At most {most}.").format(most=bounds[0])
        case "repeated.unique", _:
            return QCoreApplication.translate("Words", "The same twice.")
        case "number", _:
            return QCoreApplication.translate("Words", "A number is needed.")
        case "time", _:
            return QCoreApplication.translate("Words", "Times such as 07:00, 18:30.")
        case "dose", 1:
            return QCoreApplication.translate("Words", "More than 0, at most {most} IU.").format(most=bounds[0])
        case "dose", _:
            return QCoreApplication.translate("Words", "More than 0.")
        case "string.pattern", _ if of.field.endswith("amount"):
            return QCoreApplication.translate("Words", "A number with at most three decimals.")
        case "unit", _:
            return QCoreApplication.translate("Words", "Choose a unit.")
        case "zone", _:
            return QCoreApplication.translate("Words", "A zone such as Asia/Shanghai.")
    return of.text


def state(plan: Plan) -> str:
    """Where a revision stands."""
    if plan.state == PLAN_STATE_PROPOSED:
        return QCoreApplication.translate("Words", "Awaiting the patient's answer")
    if plan.state == PLAN_STATE_ACTIVE:
        return QCoreApplication.translate("Words", "In force")
    if plan.state == PLAN_STATE_DECLINED:
        return QCoreApplication.translate("Words", "Declined by the patient")
    if plan.HasField("answer_time"):
        return QCoreApplication.translate("Words", "Was in force")
    return QCoreApplication.translate("Words", "Replaced before an answer")


def local(stamp: Timestamp, zone: str) -> str:
    """An instant on the patient's clock, such as 2026-11-26 14:05; on this machine's where the zone is not known."""
    return local_time(stamp.ToDatetime(UTC), zone)


def local_time(instant: datetime, zone: str) -> str:
    """Likewise."""
    return instant.astimezone(ZoneInfo(zone) if zone else None).strftime("%Y-%m-%d %H:%M")


def time_here(instant: datetime, zone: str) -> str:
    """Return the time on this computer, "here 09:39", where the zone's clock shows another; else ""."""
    here = instant.astimezone()
    if not zone or here.utcoffset() == instant.astimezone(ZoneInfo(zone)).utcoffset():
        return ""
    return QCoreApplication.translate("Words", "here {time}").format(time=f"{here:%H:%M}")


def suggestion(line: DraftLine, unit: Unit) -> str:
    """What the figures suggest; the platform's own English for what is newer than these words."""
    texts = {
        "too_few_readings": QCoreApplication.translate(
            "Words", "Too few readings to go by: {readings:.0f} on {days_with_readings:.0f} days. Measure more first."
        ),
        "below_range": QCoreApplication.translate(
            "Words",
            "{below_range_percent:.1f} % of readings are below range, {very_low_percent:.1f} % very low. "
            "Make fewer lows the first aim.",
        ),
        "in_range": QCoreApplication.translate(
            "Words", "{in_range_percent:.1f} % of readings are in range. Agree on a share to reach next."
        ),
        "above_range": QCoreApplication.translate("Words", "{above_range_percent:.1f} % of readings are above range."),
        "variability": QCoreApplication.translate(
            "Words", "Readings vary much: CV {cv_percent:.1f} %. Steadier meals, exercise and dose times come first."
        ),
        "lows_at_night": QCoreApplication.translate(
            "Words",
            "Lows between 0:00 and 6:00 in {nights_with_lows:.0f} of {nights_with_readings:.0f} nights. "
            "Look again at what acts overnight, and at food and exercise of the evening.",
        ),
        "lows_after_exercise": QCoreApplication.translate(
            "Words",
            "Lows during or within 4 hours after {exercises_with_lows:.0f} of {exercises_with_readings:.0f} exercises. "
            "Measure before and after; eat before or move it to another hour.",
        ),
        "highs_after_breakfast": QCoreApplication.translate(
            "Words",
            "High after {meals_with_highs:.0f} of {meals_with_readings:.0f} breakfasts. Less or slower carbohydrate.",
        ),
        "highs_after_lunch": QCoreApplication.translate(
            "Words",
            "High after {meals_with_highs:.0f} of {meals_with_readings:.0f} lunches. Less or slower carbohydrate.",
        ),
        "highs_after_dinner": QCoreApplication.translate(
            "Words",
            "High after {meals_with_highs:.0f} of {meals_with_readings:.0f} dinners. Less or slower carbohydrate.",
        ),
        "over_carbohydrate_budget": QCoreApplication.translate(
            "Words", "More carbohydrate than planned on {days_over:.0f} of {days_with_meals:.0f} days."
        ),
        "doses_not_logged": QCoreApplication.translate(
            "Words",
            "{logged:.0f} of {planned:.0f} planned doses of one medicine were logged. Ask what stands in the way.",
        ),
        "checks_not_done": QCoreApplication.translate(
            "Words", "{done:.0f} of {planned:.0f} planned checks were done. Fewer at better times may be kept."
        ),
        "exercise_below_goal": QCoreApplication.translate(
            "Words", "The exercise goal was reached in none of {weeks:.0f} weeks. A nearer one may be reached."
        ),
    }
    try:
        return texts[line.suggestion].format_map(dict(line.figures))
    except KeyError:
        return line.text
