"""Glucose concentrations: units, their one conversion, and what is physically possible."""

from enum import IntEnum
from typing import NamedTuple

MG_PER_DL_PER_MMOL_PER_L = 18.0156
"""The molar mass of glucose, 180.156 g/mol (LOINC), over ten decilitres."""


class Unit(IntEnum):
    """Units, numbered as in the contract."""

    MG_PER_DL = 1
    MMOL_PER_L = 2


class Bound(IntEnum):
    """What a device says instead of a value, numbered as in the contract. It is beyond every edge on its side, whatever
    the device's limit: nobody knows how far."""

    NONE = 0
    LOW = 1
    HIGH = 2


class _Scale(NamedTuple):
    name: str
    lowest: float
    highest: float
    mg_per_dl: float
    """One of the unit, in mg/dL."""


_SCALES: dict[int, _Scale] = {
    Unit.MG_PER_DL: _Scale("mg/dL", 10.0, 1000.0, 1.0),
    Unit.MMOL_PER_L: _Scale("mmol/L", 0.6, 55.5, MG_PER_DL_PER_MMOL_PER_L),
}


class ImpossibleValueError(ValueError):
    """The value lies outside what is physically possible in its unit."""


def to_mg_per_dl(value: float, unit: int) -> float:
    """The canonical value of a measurement in `unit`. Errors: `ImpossibleValueError`, also for what is no
    number; what was logged in the other unit by mistake is impossible, mostly."""
    scale = _SCALES[unit]
    if not scale.lowest <= value <= scale.highest:
        raise ImpossibleValueError(
            f"a glucose concentration lies between {scale.lowest:g} and {scale.highest:g} {scale.name}"
        )
    return value * scale.mg_per_dl
