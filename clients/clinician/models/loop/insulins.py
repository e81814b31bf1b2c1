"""How an insulin acts, by its ATC code, as the platform's formulary has it."""

from apricot.glucose.v1.entry_pb2 import (
    INSULIN_KIND_INTERMEDIATE,
    INSULIN_KIND_LONG,
    INSULIN_KIND_PREMIXED,
    INSULIN_KIND_RAPID,
    INSULIN_KIND_SHORT,
    INSULIN_KIND_UNSPECIFIED,
    InsulinKind,
)

_KINDS = {
    "A10AB01": INSULIN_KIND_SHORT,
    "A10AB": INSULIN_KIND_RAPID,
    "A10AC": INSULIN_KIND_INTERMEDIATE,
    "A10AD": INSULIN_KIND_PREMIXED,
    "A10AE": INSULIN_KIND_LONG,
}
"""The longest that fits counts, and stands first."""


def insulin_kind(atc_code: str) -> InsulinKind.ValueType:
    """Return how it acts; unspecified: it is no insulin."""
    fitting = (kind for group, kind in _KINDS.items() if atc_code.startswith(group))
    return next(fitting, INSULIN_KIND_UNSPECIFIED)
