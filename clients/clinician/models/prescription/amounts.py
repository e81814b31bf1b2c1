"""What has to be handed out for a dose, a frequency and a duration: exact decimals; None where it cannot be told."""

import re
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

_MILLIGRAMS = {"g": Decimal(1000), "mg": Decimal(1), "ug": Decimal("0.001")}
_PER_ML = {"mg/mL": Decimal(1), "ug/mL": Decimal("0.001"), "%": Decimal(10)}
"""Milligrams in a millilitre; a percentage of a liquid is grams in 100 mL."""
_PER_GRAM = {"mg/g": Decimal(1), "%": Decimal(10)}
_UNITS_OF_A_FORM = {"{tablet}", "{capsule}", "{sachet}", "{suppository}", "{patch}", "{puff}"}
"""Of which each one holds what the strength says."""
_COUNTED = "{"
"""Units of UCUM that count things begin so; packs and tablets are not broken."""
_DIGITS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")
_FINEST = Decimal("0.001")
_MOST = Decimal("999999.999")
_DAY_HOURS = 24


class Amount(NamedTuple):
    """So much of a unit of UCUM."""

    value: Decimal
    unit: str


def number(text: str) -> Decimal | None:
    """As the contract takes amounts: plain digits, at most six before the point and three behind. None: it is none."""
    return Decimal(text) if _DIGITS.fullmatch(text) else None


def plain(value: Decimal) -> str:
    """Such as "14" or "2.5"."""
    return f"{value.normalize():f}"


def doses_of_times(times_per_day: int, days: int) -> int:
    """In all, of so many a day."""
    return times_per_day * days


def doses_of_hours(every_hours: int, days: int) -> int:
    """In all, of one every so many hours; the first at once."""
    return -(-_DAY_HOURS * days // every_hours)


def quantity(
    dose: Amount, doses: int, strength: Amount | None, unit: str, holds: Amount | None = None
) -> Decimal | None:
    """How much of `unit` covers so many doses. `holds` is what one of it holds where it is a container, such as 3 mL in
    a pen. Rounded up: to whole ones of what is counted, else to a thousandth."""
    taken, one = Amount(dose.value * doses, dose.unit), Amount(Decimal(1), unit)
    if holds is not None and unit not in _UNITS_OF_A_FORM:
        one = holds
    if taken.unit != one.unit:
        if strength is None:
            return None
        of_taken, of_one = substance(taken, strength), substance(one, strength)
        if of_taken is None or of_one is None or of_taken.unit != of_one.unit:
            return None
        taken, one = of_taken, of_one
    if one.value <= 0:
        return None
    needed = (taken.value / one.value).quantize(
        Decimal(1) if unit.startswith(_COUNTED) else _FINEST, rounding=ROUND_CEILING
    )
    return needed if needed <= _MOST else None


def substance(amount: Amount, strength: Amount) -> Amount | None:
    """How much substance (mg, or international units) an amount holds; None where it cannot be told."""
    unit, per = amount.unit, strength.unit
    if unit == "g" and per in _PER_GRAM:
        return Amount(amount.value * strength.value * _PER_GRAM[per], "mg")
    if unit in _MILLIGRAMS:
        return Amount(amount.value * _MILLIGRAMS[unit], "mg")
    if unit == "[iU]":
        return amount
    if unit in _UNITS_OF_A_FORM and per in _MILLIGRAMS:
        return Amount(amount.value * strength.value * _MILLIGRAMS[per], "mg")
    if unit in _UNITS_OF_A_FORM and per == "[iU]":
        return Amount(amount.value * strength.value, per)
    if unit == "mL" and per in _PER_ML:
        return Amount(amount.value * strength.value * _PER_ML[per], "mg")
    if unit == "mL" and per == "[iU]/mL":
        return Amount(amount.value * strength.value, "[iU]")
    return None
