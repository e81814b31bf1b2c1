"""Whether a reading is beyond a threshold, or back from it: in the reading's own unit."""

from dataclasses import dataclass
from functools import lru_cache

from glycemia.units import MG_PER_DL_PER_MMOL_PER_L, Bound, Unit
from services.glucose.domain.alerts.model import Reading, Rule
from services.glucose.domain.alerts.rules import CLEAR_MG_PER_DL, Rules


@dataclass(frozen=True, slots=True)
class Threshold:
    """An edge in whole mg/dL."""

    mg_per_dl: int
    low: bool
    included: bool = False
    """Whether the edge itself is beyond."""

    def beyond(self, reading: Reading) -> bool:
        """Whether the reading is. A device that says "LOW" or "HIGH" is beyond every edge on that side."""
        if reading.bound:
            return self.low == (reading.bound == Bound.LOW)
        edge = in_unit(self.mg_per_dl, reading.unit)
        if reading.value == edge:
            return self.included
        return (reading.value < edge) == self.low

    def back(self, reading: Reading) -> bool:
        """Whether the reading is back, with the margin that keeps an alert from flickering."""
        if reading.bound:
            return self.low != (reading.bound == Bound.LOW)
        margin = CLEAR_MG_PER_DL if self.low else -CLEAR_MG_PER_DL
        edge = in_unit(self.mg_per_dl + margin, reading.unit)
        return reading.value >= edge if self.low else reading.value <= edge


@lru_cache(maxsize=4096)
def in_unit(mg_per_dl: int, unit: int) -> float:
    """A threshold's own value in a unit: 70 mg/dL is 3.9 mmol/L, so that no conversion moves a reading over an edge."""
    return mg_per_dl if unit == Unit.MG_PER_DL else round(mg_per_dl / MG_PER_DL_PER_MMOL_PER_L, 1)


def threshold(rule: Rule, rules: Rules) -> Threshold | None:
    """The edge of a rule that has one."""
    match rule:
        case Rule.URGENT_LOW:
            return Threshold(rules.urgent_low_mg_per_dl, low=True, included=True)
        case Rule.LOW:
            return Threshold(rules.low_mg_per_dl, low=True)
        case Rule.HIGH:
            return Threshold(rules.high_mg_per_dl, low=False)
        case Rule.URGENT_HIGH:
            return Threshold(rules.urgent_high_mg_per_dl, low=False)
        case _:
            return None
