"""Which doses of a diary are of which medicine."""

from collections.abc import Collection

_INSULIN_KINDS = {
    "A10AB01": 2,  # human, short-acting; the other rapid ones are analogues
    "A10AB": 1,
    "A10AC": 3,
    "A10AD": 5,
    "A10AE": 4,
}
"""How each group of insulins acts, numbered as in the diary."""


def insulin_kind(atc_code: str) -> int:
    """How an insulin acts (`InsulinKind`); 0: no insulin."""
    return next((kind for group, kind in _INSULIN_KINDS.items() if atc_code.startswith(group)), 0)


def told_by_kind(atc_code: str, others: Collection[str]) -> int:
    """The kind by which the diary tells this insulin from the patient's other medicines; 0: it cannot."""
    kind = insulin_kind(atc_code)
    return 0 if any(insulin_kind(other) == kind for other in others if other != atc_code) else kind
