"""What a clinician writes, checked by rules that the contract cannot express."""

from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.plan_pb2 import PlanContent, PlannedMedicine

from kit.errors import ApricotError, FieldViolation, invalid_field
from services.glucose.domain import doses
from services.glucose.domain.entries import ImpossibleAmountError, UnknownZoneError, zone


def require_plan_content(content: PlanContent) -> None:
    """Errors: INVALID_FIELD, VALUE_IMPOSSIBLE, ZONE_UNKNOWN; each names its field."""
    try:
        zone(content.time_zone)
    except UnknownZoneError as error:
        raise _refused(Reason.REASON_ZONE_UNKNOWN, "content.time_zone", error) from error
    for place, medicine in enumerate(content.medicines):
        field = f"content.medicines[{place}]"
        _require_medicine(medicine, field)
        try:
            if medicine.insulin_kind:
                doses.require_possible_insulin(medicine.amount.value)
            else:
                doses.require_possible_medicine(medicine.amount.value)
        except ImpossibleAmountError as error:
            raise _refused(Reason.REASON_VALUE_IMPOSSIBLE, f"{field}.amount", error) from error


def _require_medicine(medicine: PlannedMedicine, field: str) -> None:
    if not medicine.name.strip():
        raise invalid_field(f"{field}.name", "holds no word")
    if medicine.insulin_kind and medicine.unit:
        raise invalid_field(f"{field}.unit", "is unset for an insulin, which is counted in international units")
    if not medicine.insulin_kind and not medicine.unit:
        raise invalid_field(f"{field}.unit", "is needed for a medicine that is no insulin")


def _refused(reason: Reason.ValueType, field: str, error: Exception) -> ApricotError:
    return ApricotError(reason, f"{field}: {error}", violations=[FieldViolation(field, str(error))])
