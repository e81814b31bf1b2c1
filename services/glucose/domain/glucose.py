"""Glucose concentrations: units, their one conversion, and what is physically possible."""

import math
from dataclasses import dataclass
from enum import IntEnum

MG_PER_DL_PER_MMOL_PER_L = 18.0156
"""The molar mass of glucose, 180.156 g/mol (LOINC), over ten decilitres."""

POSSIBLE_MG_PER_DL = 10.0, 1000.0
POSSIBLE_MMOL_PER_L = 0.6, 55.5


class Unit(IntEnum):
    """Units, numbered as in the contract."""

    MG_PER_DL = 1
    MMOL_PER_L = 2


class ImpossibleValueError(ValueError):
    """The value lies outside what is physically possible in its unit."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """A value in the unit it was measured in."""

    value: float
    unit: Unit

    @property
    def mg_per_dl(self) -> float:
        """The canonical value."""
        return self.value if self.unit == Unit.MG_PER_DL else self.value * MG_PER_DL_PER_MMOL_PER_L

    def require_possible(self) -> None:
        """Errors: `ImpossibleValueError`. A value in the other unit by mistake falls outside, mostly."""
        low, high = POSSIBLE_MG_PER_DL if self.unit == Unit.MG_PER_DL else POSSIBLE_MMOL_PER_L
        if not (math.isfinite(self.value) and low <= self.value <= high):
            unit = "mg/dL" if self.unit == Unit.MG_PER_DL else "mmol/L"
            raise ImpossibleValueError(f"a glucose concentration lies between {low:g} and {high:g} {unit}")
