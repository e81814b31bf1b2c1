"""How insulins act, by their ATC codes."""

from collections.abc import Mapping

_KINDS: Mapping[str, int] = {
    "A10AB01": 2,  # human, short-acting; the other rapid ones are analogues
    "A10AB": 1,
    "A10AC": 3,
    "A10AD": 5,
    "A10AE": 4,
}
"""Numbered as `InsulinKind` of the contract; the longest code that fits stands first."""

GROUPS: Mapping[int, str] = {kind: group for group, kind in _KINDS.items()}
"""The ATC group of each kind."""


def insulin_kind(atc_code: str) -> int:
    """Return how an insulin acts, a number of `InsulinKind`; 0: the medicine is no insulin."""
    return next((kind for group, kind in _KINDS.items() if atc_code.startswith(group)), 0)
