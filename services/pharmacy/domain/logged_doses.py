"""Which doses of a diary are of which medicine."""

from collections.abc import Collection

from formulary.insulins import insulin_kind


def told_by_kind(atc_code: str, others: Collection[str]) -> int:
    """The kind by which the diary tells this insulin from the patient's other medicines; 0: it cannot."""
    kind = insulin_kind(atc_code)
    return 0 if any(insulin_kind(other) == kind for other in others if other != atc_code) else kind
