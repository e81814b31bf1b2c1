"""Whether a person's reasons answer what a check found."""

import re
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

_WORDS = re.compile(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]{2,}")
"""A Chinese character, or a word of another script of at least two letters."""
_MIN_WEIGHT = 6
_CHARACTER_WEIGHT, _WORD_WEIGHT = 1, 2


def has_substance(reason: str) -> bool:
    """Return whether a reason says something: six different Chinese characters, three different words, or a mixture. No
    rule of form can tell a good reason from a bad one; this one stops a single letter and a repeated one."""
    words = set(_WORDS.findall(reason.casefold()))
    return sum(_WORD_WEIGHT if word.isascii() or len(word) > 1 else _CHARACTER_WEIGHT for word in words) >= _MIN_WEIGHT


def require_safe(findings: Sequence[Finding], overrides: Sequence[FindingOverride], field: str = "overrides") -> None:
    """Hold that nothing blocks, and that each finding that needs a reason has one with substance. Raises
    MEDICINE_NOT_ALLOWED, PRESCRIPTION_UNSAFE, INVALID_FIELD (of `field`: a reason for nothing, or twice)."""
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
    if needed - {override.finding_key for override in overrides if has_substance(override.reason)}:
        raise ApricotError(
            Reason.REASON_PRESCRIPTION_UNSAFE, "a finding needs a written reason of at least three words"
        )
    if sorted(override.finding_key for override in overrides) != sorted(needed):
        raise invalid_field(field, "one for each finding that needs a reason")
