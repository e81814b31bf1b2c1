"""Prescriptions and patients for the tests of the formulary."""

from decimal import Decimal
from typing import Any

from formulary.amounts import Amount
from formulary.check import check
from formulary.findings import Finding, Kind
from formulary.medicines import names
from formulary.model import Item, Liver, MedicineInUse, Patient, Pregnancy


def item(atc: str, **changes: Any) -> Item:
    """One tablet of 1 mg a day for a week, under its own names."""
    known = names().get(atc)
    fields: dict[str, Any] = {
        "name_en": known.en if known else f"substance {atc}",
        "name_zh": known.zh if known else f"药 {atc}",
        "injected": False,
        "strength": Amount(Decimal(1), "mg"),
        "dose": Amount(Decimal(1), "{tablet}"),
        "doses_per_day": 1,
        "doses": 7,
        "as_needed": False,
        "quantity": Amount(Decimal(7), "{tablet}"),
    }
    return Item(atc, **(fields | changes))


def milligrams(amount: int | str) -> dict[str, Any]:
    """A dose and a quantity that fit."""
    return {"dose": Amount(Decimal(amount), "mg"), "quantity": Amount(7 * Decimal(amount), "mg")}


def patient(**changes: Any) -> Patient:
    """An adult of whom all is known and nothing is special."""
    fields: dict[str, Any] = {
        "age_years": 40,
        "allergies": (),
        "medicines": (),
        "prescribed": (),
        "egfr": Decimal(90),
        "pregnancy": Pregnancy.NEITHER,
        "liver": Liver.HEALTHY,
    }
    return Patient(**(fields | changes))


def using(*codes: str) -> Patient:
    """One who takes these."""
    return patient(medicines=tuple(MedicineInUse(code, f"substance {code}") for code in codes))


def of_kind(kind: Kind, items: list[Item], whom: Patient | None = None) -> list[Finding]:
    """What a check finds of one kind."""
    return [finding for finding in check(items, whom or patient()) if finding.kind is kind]
