"""Amounts with units of UCUM: exact decimals, converted only where that is certain."""

from dataclasses import dataclass
from decimal import Decimal

_MILLIGRAMS = {"g": Decimal(1000), "mg": Decimal(1), "ug": Decimal("0.001")}
_COUNTED = {"{tablet}", "{capsule}", "{sachet}", "{suppository}", "{patch}", "{puff}"}
_PER_ML = {"mg/mL": Decimal(1), "ug/mL": Decimal("0.001"), "%": Decimal(10)}
"""Milligrams in a millilitre; a percentage of a liquid is grams in 100 mL."""
_PER_GRAM = {"mg/g": Decimal(1), "%": Decimal(10)}


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of a unit."""

    value: Decimal
    unit: str


def substance(amount: Amount, strength: Amount) -> Amount | None:
    """How much substance (mg, or international units) an amount of a medicine holds; None where it cannot be told."""
    unit, per = amount.unit, strength.unit
    if unit == "g" and per in _PER_GRAM:
        return Amount(amount.value * strength.value * _PER_GRAM[per], "mg")
    if unit in _MILLIGRAMS:
        return Amount(amount.value * _MILLIGRAMS[unit], "mg")
    if unit == "[iU]":
        return amount
    if unit in _COUNTED and per in _MILLIGRAMS:
        return Amount(amount.value * strength.value * _MILLIGRAMS[per], "mg")
    if unit in _COUNTED and per == "[iU]":
        return Amount(amount.value * strength.value, per)
    if unit == "mL" and per in _PER_ML:
        return Amount(amount.value * strength.value * _PER_ML[per], "mg")
    if unit == "mL" and per == "[iU]/mL":
        return Amount(amount.value * strength.value, "[iU]")
    return None
