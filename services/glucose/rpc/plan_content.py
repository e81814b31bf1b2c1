"""What a clinician writes, checked by rules that the contract cannot express."""

from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.plan_pb2 import PlanContent

from kit.errors import ApricotError, FieldViolation, invalid_field
from services.glucose.domain import doses
from services.glucose.domain.entries import ImpossibleAmountError, UnknownZoneError, zone
from services.glucose.rpc.plan_medicines import items_of


def require_plan_content(content: PlanContent) -> None:
    """Hold what a clinician writes against the rules. Raises INVALID_FIELD, VALUE_IMPOSSIBLE, ZONE_UNKNOWN; each names
    its field."""
    if not _says_something(content):
        raise invalid_field("content", "a plan says something: a target, advice, a medicine, a check or a note")
    try:
        zone(content.time_zone)
    except UnknownZoneError as error:
        raise _refused(Reason.REASON_ZONE_UNKNOWN, "content.time_zone", error) from error
    items_of(content)  # of the formulary, with their own kinds and units
    for place, medicine in enumerate(content.medicines):
        field = f"content.medicines[{place}]"
        try:
            if medicine.insulin_kind:
                doses.require_possible_insulin(medicine.amount.value)
            else:
                doses.require_possible_medicine(medicine.amount.value)
        except ImpossibleAmountError as error:
            raise _refused(Reason.REASON_VALUE_IMPOSSIBLE, f"{field}.amount", error) from error


def _says_something(content: PlanContent) -> bool:
    meals, exercise = content.meal_advice, content.exercise_advice
    return bool(
        content.HasField("targets")
        or meals.carbohydrate_g_per_day
        or meals.carbohydrate_g_per_meal
        or meals.advice.strip()
        or exercise.minutes_per_week
        or exercise.advice.strip()
        or content.medicines
        or content.checks
        or content.notes.strip()
    )


def _refused(reason: Reason.ValueType, field: str, error: Exception) -> ApricotError:
    return ApricotError(reason, f"{field}: {error}", violations=[FieldViolation(field, str(error))])
