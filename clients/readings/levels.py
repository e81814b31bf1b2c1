"""Where a glucose value lies: the disjoint bands of the International Consensus on Time in Range.

Battelino et al. 2019, doi 10.2337/dci19-0028: very low below 54 mg/dL (3.0 mmol/L), low below 70 (3.9), in range up to
and with 180 (10.0), high up to and with 250 (13.9), very high above.
"""

from dataclasses import dataclass
from enum import Enum

from apricot.glucose.v1.entry_pb2 import (
    GLUCOSE_BOUND_HIGH,
    GLUCOSE_BOUND_LOW,
    GLUCOSE_UNIT_MG_PER_DL,
    GLUCOSE_UNIT_MMOL_PER_L,
    Glucose,
)

from glycemia.units import to_mg_per_dl


class Level(Enum):
    """A band: what it is called, and a mark that tells it without colour. In order of need."""

    VERY_LOW = "very low", "▼▼"
    LOW = "low", "▼"
    VERY_HIGH = "very high", "▲▲"
    HIGH = "high", "▲"
    IN_RANGE = "in range", "●"

    def __init__(self, text: str, mark: str) -> None:
        self.text = text
        self.mark = mark

    @property
    def need(self) -> int:
        """0 is the most urgent."""
        return list(Level).index(self)


@dataclass(frozen=True)
class Edges:
    """Of the bands, in one unit; the two in the middle lie in range, the outer two in the milder band."""

    very_low: float
    low: float
    high: float
    very_high: float


EDGES = {
    GLUCOSE_UNIT_MG_PER_DL: Edges(54, 70, 180, 250),
    GLUCOSE_UNIT_MMOL_PER_L: Edges(3.0, 3.9, 10.0, 13.9),
}
UNITS = {GLUCOSE_UNIT_MG_PER_DL: "mg/dL", GLUCOSE_UNIT_MMOL_PER_L: "mmol/L"}
BOUNDS = {GLUCOSE_BOUND_LOW: "LOW", GLUCOSE_BOUND_HIGH: "HIGH"}


def level_of(glucose: Glucose) -> Level:
    """By the value in its own unit: 10.0 mmol/L is in range, and would be 180.2 mg/dL.

    A sensor's LOW is very low and its HIGH very high: it measures nothing beyond, so the worst is assumed.
    """
    if glucose.bound in BOUNDS:
        return Level.VERY_LOW if glucose.bound == GLUCOSE_BOUND_LOW else Level.VERY_HIGH
    edges = EDGES[glucose.unit]
    if glucose.value < edges.low:
        return Level.VERY_LOW if glucose.value < edges.very_low else Level.LOW
    if glucose.value > edges.high:
        return Level.VERY_HIGH if glucose.value > edges.very_high else Level.HIGH
    return Level.IN_RANGE


def number(glucose: Glucose) -> str:
    """As a meter shows it: whole mg/dL, tenths of mmol/L; LOW and HIGH as such."""
    if glucose.bound in BOUNDS:
        return BOUNDS[glucose.bound]
    return f"{glucose.value:.0f}" if glucose.unit == GLUCOSE_UNIT_MG_PER_DL else f"{glucose.value:.1f}"


def mg_per_dl(glucose: Glucose) -> float:
    """To compare and to draw."""
    return to_mg_per_dl(glucose.value, glucose.unit)
