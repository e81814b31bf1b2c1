"""Whether a person's reasons answer what a check found."""

from collections.abc import Sequence

from apricot.consult.v1.prescription_pb2 import (
    FINDING_CONSEQUENCE_BLOCKS,
    FINDING_CONSEQUENCE_NEEDS_REASON,
    FINDING_KIND_NOT_ALLOWED,
    Finding,
    FindingOverride,
)
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError, invalid_field


def require_safe(findings: Sequence[Finding], overrides: Sequence[FindingOverride], field: str = "overrides") -> None:
    """Nothing blocks, and each finding that needs a reason has one. Errors: MEDICINE_NOT_ALLOWED, PRESCRIPTION_UNSAFE,
    INVALID_FIELD (of `field`: a reason for nothing, twice, or without a word)."""
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
        raise invalid_field(field, "one for each finding that needs a reason, and in words")
