"""A plan's medicines in the formulary's words: each one is a medicine that it holds, with its own kind and units."""

from collections import defaultdict
from decimal import Decimal

from apricot.glucose.v1.entry_pb2 import DOSE_UNIT_MG, DOSE_UNIT_ML, DOSE_UNIT_TABLET, DOSE_UNIT_UG
from apricot.glucose.v1.plan_pb2 import PlanContent, PlannedMedicine

from formulary import atc
from formulary.amounts import Amount
from formulary.insulins import insulin_kind
from formulary.medicines import code_of, names
from formulary.model import Item
from kit.errors import invalid_field

_UNITS = {DOSE_UNIT_MG: "mg", DOSE_UNIT_UG: "ug", DOSE_UNIT_TABLET: "{tablet}", DOSE_UNIT_ML: "mL"}
_INSULIN_UNIT = "[iU]"
_NO_STRENGTH = Amount(Decimal(1), "")
"""A plan tells none: an amount in tablets or millilitres cannot be held against a maximum, and the check says so."""


def items_of(content: PlanContent) -> list[Item]:
    """Return a plan's medicines as the safety check takes them: of one medicine in several lines the day's whole dose.
    Raises INVALID_FIELD."""
    days: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    written: dict[str, str] = {}
    for place, medicine in enumerate(content.medicines):
        code, unit = _code_and_unit(medicine, f"content.medicines[{place}]")
        days[code, unit] += Decimal(medicine.amount.value) * len(medicine.minutes_of_day)
        written.setdefault(code, medicine.name)
    return [_item(code, written[code], Amount(amount, unit)) for (code, unit), amount in days.items()]


def _item(code: str, name: str, of_a_day: Amount) -> Item:
    known = names().get(code)
    return Item(
        atc=code,
        name_en=known.en if known else name,
        name_zh=known.zh if known else name,
        injected=code.startswith("A10A"),
        strength=_NO_STRENGTH,
        dose=of_a_day,
        doses_per_day=1,
        doses=1,
        as_needed=False,
        quantity=of_a_day,  # a plan hands nothing out
    )


def _code_and_unit(medicine: PlannedMedicine, field: str) -> tuple[str, str]:
    code = _code(medicine, field)
    _require_kind(medicine, insulin_kind(code), field)
    return code, _INSULIN_UNIT if medicine.insulin_kind else _UNITS[medicine.unit]


def _code(medicine: PlannedMedicine, field: str) -> str:
    code = medicine.atc_code or code_of(medicine.name)
    if code in names():
        name = medicine.name.casefold()
        if names()[code].en.casefold() not in name and names()[code].zh not in name:
            raise invalid_field(f"{field}.name", "is not the generic name of this code in the formulary")
        return code
    if code and atc.is_combination(code) and atc.is_taken_apart(code):
        return code
    raise invalid_field(f"{field}.{'atc_code' if code else 'name'}", "is no medicine of the formulary")


def _require_kind(medicine: PlannedMedicine, kind: int, field: str) -> None:
    if medicine.insulin_kind != kind:
        raise invalid_field(f"{field}.insulin_kind", "is not how this medicine acts by the formulary")
    if kind and medicine.unit:
        raise invalid_field(f"{field}.unit", "is unset for an insulin, which is counted in international units")
    if not kind and medicine.unit not in _UNITS:
        raise invalid_field(f"{field}.unit", "is needed for a medicine that is no insulin")
