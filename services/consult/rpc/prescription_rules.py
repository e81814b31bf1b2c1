"""What a doctor wrote, held against the rules that the contract cannot express, and against what the check found."""

from collections.abc import Sequence
from decimal import Decimal

from apricot.consult.v1.prescription_pb2 import (
    FINDING_CONSEQUENCE_BLOCKS,
    FINDING_CONSEQUENCE_NEEDS_REASON,
    FINDING_KIND_NOT_ALLOWED,
    Finding,
    FindingOverride,
    WrittenPrescription,
)
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError, invalid_field
from services.consult.domain.prescriptions import MOST_SUPPLY_DAYS, ORDINARY_SUPPLY_DAYS, supply_days


def require_written(written: WrittenPrescription) -> None:
    """Errors: INVALID_FIELD; it names the field."""
    for place, item in enumerate(written.items):
        field = f"written.items[{place}]"
        for name in ("name_zh", "name_en"):
            if not getattr(item, name).strip():
                raise invalid_field(f"{field}.{name}", "holds no word")
        for name in ("strength", "dose", "quantity"):
            if not Decimal(getattr(item, name).value) > 0:
                raise invalid_field(f"{field}.{name}", "is more than 0")
        if supply_days([(item.duration_days, item.repeats)]) > MOST_SUPPLY_DAYS:
            raise invalid_field(f"{field}.repeats", f"with its repeats it lasts {MOST_SUPPLY_DAYS} days at most")
    longest = supply_days((item.duration_days, item.repeats) for item in written.items)
    if longest > ORDINARY_SUPPLY_DAYS and not written.long_supply_reason.strip():
        raise invalid_field("written.long_supply_reason", f"is needed for more than {ORDINARY_SUPPLY_DAYS} days")


def require_safe(findings: Sequence[Finding], overrides: Sequence[FindingOverride]) -> None:
    """Nothing blocks, and each finding that needs a reason has one. Errors: MEDICINE_NOT_ALLOWED, PRESCRIPTION_UNSAFE,
    INVALID_FIELD (an override of nothing, twice, or without a word)."""
    for finding in findings:
        if finding.kind == FINDING_KIND_NOT_ALLOWED:
            raise ApricotError(
                Reason.REASON_MEDICINE_NOT_ALLOWED,
                "the law does not allow this medicine online",
                metadata={"atc_code": finding.key.rpartition(":")[2]},
            )
    if any(finding.consequence == FINDING_CONSEQUENCE_BLOCKS for finding in findings):
        raise ApricotError(Reason.REASON_PRESCRIPTION_UNSAFE, "the safety check blocks this")
    needed = {finding.key for finding in findings if finding.consequence == FINDING_CONSEQUENCE_NEEDS_REASON}
    given = [override.finding_key for override in overrides if override.reason.strip()]
    if needed - set(given):
        raise ApricotError(Reason.REASON_PRESCRIPTION_UNSAFE, "a finding needs a written reason")
    if len(given) < len(overrides) or sorted(given) != sorted(needed):
        raise invalid_field("overrides", "one for each finding that needs a reason, and in words")
