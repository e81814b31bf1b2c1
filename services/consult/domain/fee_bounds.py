"""Between which bounds a doctor sets fees: by the title of the licence."""

from collections.abc import Mapping
from typing import NamedTuple

OTHER_TITLES = ""
"""The key of the bounds for titles that have none of their own."""


class FeeBounds(NamedTuple):
    """The least and the most that one consultation, or one place in a slot, costs, in fen."""

    min_minor: int
    max_minor: int


type BoundsByTitle = Mapping[str, FeeBounds]

DEFAULT_FEE_BOUNDS: BoundsByTitle = {
    "住院医师": FeeBounds(0, 100_00),
    "主治医师": FeeBounds(0, 200_00),
    "副主任医师": FeeBounds(0, 500_00),
    "主任医师": FeeBounds(0, 1000_00),
    OTHER_TITLES: FeeBounds(0, 200_00),
}
"""The platform's choice, no law's: a deployment sets its own, see `ConsultSettings.fee_bounds`."""


class FeeOutOfBoundsError(Exception):
    """The fee is lower or higher than doctors of that title may ask."""

    def __init__(self, field: str, bounds: FeeBounds) -> None:
        super().__init__(f"{field}: from {bounds.min_minor} to {bounds.max_minor} fen for this title")
        self.metadata = {"field": field, "min": str(bounds.min_minor), "max": str(bounds.max_minor)}


def require_fee(by_title: BoundsByTitle, title: str, field: str, fee_minor: int) -> None:
    """Errors: `FeeOutOfBoundsError`."""
    bounds = by_title.get(title.strip(), by_title[OTHER_TITLES])
    if not bounds.min_minor <= fee_minor <= bounds.max_minor:
        raise FeeOutOfBoundsError(field, bounds)
