"""One medicine of a prescription as it is being written: text as it was typed, and what is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from uuid import uuid4

from apricot.consult.v1 import prescription_pb2 as pb
from apricot.consult.v1.prescription_pb2 import MedicineForm, MedicineRoute, PrescriptionItem

from clients.clinician.models.prescription import amounts
from clients.clinician.models.prescription.amounts import Amount

STRENGTH_UNITS = ("mg", "g", "ug", "[iU]", "mg/mL", "ug/mL", "[iU]/mL", "mg/g", "%")
MOST_DAYS = 84
"""With all repeats: twelve weeks (Long-term Prescription Rules, 2021)."""
MOST_WORDS, MOST_NAME = 500, 100
_MOST_REPEATS = 11
_ATC = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}")


class Often(StrEnum):
    """What the number of a frequency counts; as the contract names it."""

    TIMES_PER_DAY = "times_per_day"
    EVERY_HOURS = "every_hours"
    AS_NEEDED = "as_needed_most_per_day"


class Fault(StrEnum):
    """What keeps something written from being a prescription."""

    MISSING = "missing"
    NUMBER = "number"
    """No plain number with at most three places behind the point, or 0."""
    RANGE = "range"
    """Beyond what the contract takes."""
    CODE = "code"
    """Not a code of that classification."""
    SUPPLY = "supply"
    """With its repeats it would last longer than the law allows."""
    LONG_SUPPLY = "long_supply"
    """For more than a week the law wants a reason."""


@dataclass(frozen=True)
class UnitsOfForm:
    """How a form is usually dosed and handed out, the likeliest first."""

    route: MedicineRoute.ValueType
    dose: tuple[str, ...]
    quantity: tuple[str, ...]


_TABLETS = UnitsOfForm(pb.MEDICINE_ROUTE_ORAL, ("{tablet}", "mg", "g", "ug"), ("{tablet}", "{box}"))
UNITS_OF_FORM: Mapping[int, UnitsOfForm] = {
    pb.MEDICINE_FORM_TABLET: _TABLETS,
    pb.MEDICINE_FORM_MODIFIED_RELEASE_TABLET: _TABLETS,
    pb.MEDICINE_FORM_CAPSULE: UnitsOfForm(
        pb.MEDICINE_ROUTE_ORAL, ("{capsule}", "mg", "g", "ug"), ("{capsule}", "{box}")
    ),
    pb.MEDICINE_FORM_GRANULES: UnitsOfForm(pb.MEDICINE_ROUTE_ORAL, ("{sachet}", "g", "mg"), ("{sachet}", "{box}", "g")),
    pb.MEDICINE_FORM_ORAL_LIQUID: UnitsOfForm(pb.MEDICINE_ROUTE_ORAL, ("mL", "mg"), ("mL", "{bottle}")),
    pb.MEDICINE_FORM_INJECTION: UnitsOfForm(
        pb.MEDICINE_ROUTE_SUBCUTANEOUS, ("[iU]", "mg", "mL", "ug"), ("{pen}", "{cartridge}", "{vial}", "mL")
    ),
    pb.MEDICINE_FORM_INHALATION: UnitsOfForm(
        pb.MEDICINE_ROUTE_INHALED, ("{puff}", "ug", "mg"), ("{bottle}", "{box}", "{puff}")
    ),
    pb.MEDICINE_FORM_DROPS_OR_SPRAY: UnitsOfForm(
        pb.MEDICINE_ROUTE_OPHTHALMIC, ("{drop}", "{puff}", "mL"), ("{bottle}", "mL")
    ),
    pb.MEDICINE_FORM_CREAM: UnitsOfForm(pb.MEDICINE_ROUTE_CUTANEOUS, ("{application}", "g"), ("{tube}", "g")),
    pb.MEDICINE_FORM_PATCH: UnitsOfForm(pb.MEDICINE_ROUTE_CUTANEOUS, ("{patch}",), ("{patch}", "{box}")),
    pb.MEDICINE_FORM_SUPPOSITORY: UnitsOfForm(
        pb.MEDICINE_ROUTE_RECTAL, ("{suppository}", "mg"), ("{suppository}", "{box}")
    ),
}


@dataclass(frozen=True)
class Line:
    """Everything as typed, so that none of it is lost. An empty quantity follows the dose."""

    key: str = field(default_factory=lambda: str(uuid4()))
    atc_code: str = ""
    name_zh: str = ""
    name_en: str = ""
    strength: str = ""
    strength_unit: str = "mg"
    form: int = pb.MEDICINE_FORM_TABLET
    route: int = pb.MEDICINE_ROUTE_ORAL
    dose: str = ""
    dose_unit: str = "{tablet}"
    often: str = Often.TIMES_PER_DAY
    count: str = ""
    days: str = ""
    quantity: str = ""
    quantity_unit: str = "{tablet}"
    repeats: str = "0"
    instructions: str = ""
    holds: str = ""
    """What one of the quantity's unit holds, as the catalogue says, such as 3 mL in a pen; empty: not known."""
    holds_unit: str = ""
    container: str = ""
    """The unit that `holds` is said of."""

    @property
    def is_empty(self) -> bool:
        """Nothing was written into it."""
        return all(getattr(self, each.name) == each.default for each in fields(self) if each.name != "key")


def kept(of: Mapping[str, object]) -> Line:
    """From what a draft kept; what this version does not know is left out."""
    known = {each.name for each in fields(Line)}
    return Line(**{name: value for name, value in of.items() if name in known})  # type: ignore[arg-type]


def of_item(item: PrescriptionItem) -> Line:
    """From one that was issued."""
    often = item.frequency.WhichOneof("frequency") or Often.TIMES_PER_DAY
    return Line(
        atc_code=item.atc_code,
        name_zh=item.name_zh,
        name_en=item.name_en,
        strength=item.strength.value,
        strength_unit=item.strength.unit,
        form=item.form,
        route=item.route,
        dose=item.dose.value,
        dose_unit=item.dose.unit,
        often=often,
        count=str(getattr(item.frequency, often)),
        days=str(item.duration_days),
        quantity=item.quantity.value,
        quantity_unit=item.quantity.unit,
        repeats=str(item.repeats),
        instructions=item.instructions,
    )


def computed_quantity(line: Line) -> str:
    """What dose, frequency and duration need, in the line's unit; empty where it cannot be told."""
    dose, strength = amounts.number(line.dose), amounts.number(line.strength)
    count, days, holds = _whole(line.count), _whole(line.days), amounts.number(line.holds)
    if not dose or not count or not days:
        return ""
    doses = (
        amounts.doses_of_hours(count, days) if line.often == Often.EVERY_HOURS else amounts.doses_of_times(count, days)
    )
    needed = amounts.quantity(
        Amount(dose, line.dose_unit),
        doses,
        Amount(strength, line.strength_unit) if strength else None,
        line.quantity_unit,
        Amount(holds, line.holds_unit) if holds and line.container == line.quantity_unit else None,
    )
    return amounts.plain(needed) if needed else ""


def quantity_of(line: Line) -> str:
    """As typed, or else as computed."""
    return line.quantity or computed_quantity(line)


def supply_days(line: Line) -> int:
    """For how long it lasts with its repeats; 0 while that is not told."""
    return (_whole(line.days) or 0) * (1 + (_whole(line.repeats) or 0))


def faults(line: Line) -> dict[str, Fault]:
    """What is wrong with each field, by its name in the contract; nothing: it can be checked."""
    found = {
        "atc_code": None if _ATC.fullmatch(line.atc_code) else Fault.CODE if line.atc_code else Fault.MISSING,
        "name_zh": _word(line.name_zh, MOST_NAME),
        "name_en": _word(line.name_en, MOST_NAME),
        "strength": _amount(line.strength),
        "dose": _amount(line.dose),
        "frequency": _count(line.count, 1, 168 if line.often == Often.EVERY_HOURS else 24),
        "duration_days": _count(line.days, 1, MOST_DAYS),
        "quantity": _amount(quantity_of(line)),
        "repeats": _count(line.repeats, 0, _MOST_REPEATS),
        "instructions": Fault.RANGE if len(line.instructions) > MOST_WORDS else None,
    }
    if not found["duration_days"] and not found["repeats"] and supply_days(line) > MOST_DAYS:
        found["repeats"] = Fault.SUPPLY
    return {name: fault for name, fault in found.items() if fault is not None}


def item_of(line: Line) -> PrescriptionItem:
    """In the contract's words, of a line without faults."""
    item = PrescriptionItem(
        atc_code=line.atc_code,
        name_zh=line.name_zh.strip(),
        name_en=line.name_en.strip(),
        strength=pb.Strength(value=line.strength, unit=line.strength_unit),
        form=MedicineForm.ValueType(line.form),
        route=MedicineRoute.ValueType(line.route),
        dose=pb.Amount(value=line.dose, unit=line.dose_unit),
        duration_days=int(line.days),
        quantity=pb.Amount(value=quantity_of(line), unit=line.quantity_unit),
        repeats=int(line.repeats),
        instructions=line.instructions.strip(),
    )
    setattr(item.frequency, line.often, int(line.count))
    return item


def _word(text: str, most: int) -> Fault | None:
    if not text.strip():
        return Fault.MISSING
    return Fault.RANGE if len(text) > most else None


def _amount(text: str) -> Fault | None:
    if not text:
        return Fault.MISSING
    return None if amounts.number(text) else Fault.NUMBER


def _count(text: str, least: int, most: int) -> Fault | None:
    if not text:
        return Fault.MISSING
    if (told := _whole(text)) is None:
        return Fault.NUMBER
    return None if least <= told <= most else Fault.RANGE


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("9999") else None
