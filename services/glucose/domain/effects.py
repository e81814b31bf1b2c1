"""What came of a change: the share of readings in range and below it, before and after.

Shares of readings, both edges inside the range (International Consensus on Time in Range, Battelino 2019, doi
10.2337/dci19-0028): 70 to 180 mg/dL, 3.9 to 10.0 mmol/L, each reading in its own unit.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from glycemia.units import MG_PER_DL_PER_MMOL_PER_L, Unit

WINDOW = timedelta(days=14)
"""Before and after a change (the consensus asks for 14 days)."""
RANGE = {
    Unit.MG_PER_DL: (70.0, 180.0),
    Unit.MMOL_PER_L: (3.9 * MG_PER_DL_PER_MMOL_PER_L, 10.0 * MG_PER_DL_PER_MMOL_PER_L),
}
"""The range's edges for readings of a unit, in canonical mg/dL."""


@dataclass(frozen=True)
class Shares:
    """Readings of one side."""

    count: int = 0
    in_range: int = 0
    below: int = 0

    @property
    def in_range_percent(self) -> float | None:
        return 100 * self.in_range / self.count if self.count else None

    @property
    def below_range_percent(self) -> float | None:
        return 100 * self.below / self.count if self.count else None


class Side(NamedTuple):
    """The readings of one side by what measured them."""

    sensor: Shares = Shares()
    fingerstick: Shares = Shares()

    @property
    def shares(self) -> Shares:
        """The sensor's; the fingersticks' where there is none: these are taken when something is expected."""
        return self.sensor if self.sensor.count else self.fingerstick
