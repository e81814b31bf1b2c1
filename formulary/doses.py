"""The dose of a day: against the maximum, the kidneys, the weight, and what other medicines make of it. The maxima are
adults'."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from itertools import groupby
from operator import attrgetter

from formulary import atc
from formulary.amounts import substance
from formulary.data import read_json
from formulary.findings import Consequence, Finding, Kind, Severity, found, unknown
from formulary.model import Item, Patient

_ADULT_YEARS = 18
_NEVER_TIMES = 2
"""A day's dose beyond so many times the maximum is a slip, not a decision."""


def check_doses(items: Sequence[Item], patient: Patient) -> Iterator[Finding]:
    """Each substance's dose of a day, summed over the prescription."""
    for code, same in groupby(sorted(items, key=attrgetter("atc")), key=attrgetter("atc")):
        yield from _check(code, list(same), items, patient)


def _check(code: str, same: Sequence[Item], items: Sequence[Item], patient: Patient) -> Iterator[Finding]:
    name, told = same[0].name_en, [_daily_mg(item) for item in same]
    further = *_limits_with(code, items, patient), *_limits_by_weight(code, patient)
    limits = [limit for limit in (_maximum(code), *further) if limit is not None]
    if limits:
        daily = sum((each for each in told if each is not None), Decimal(0))
        yield from _over(code, name, daily, min(limits))
        yield from _weight(code, name, daily, patient)
        if None in told:
            yield unknown(
                Kind.DAILY_DOSE,
                Consequence.BLOCKS,
                [code, "unit"],
                subject=name,
                effect="the dose of a day cannot be told from dose and strength",
                action="write the dose in mg, or in what the strength is for",
            )
        if patient.age_years < _ADULT_YEARS:
            yield unknown(
                Kind.DAILY_DOSE,
                Consequence.NEEDS_REASON,
                [code, "child"],
                subject=name,
                effect="the maximum dose of a day is an adult's",
                action="look up the child's dose",
            )
    elif not any(atc.is_in(code, row["atc"]) for row in read_json("limits.json")["no_maximum"]):
        yield unknown(
            Kind.DAILY_DOSE,
            Consequence.NEEDS_REASON,
            [code, "no-maximum"],
            subject=name,
            effect="the data hold no maximum dose of a day",
            action="look it up elsewhere",
        )
    yield from _kidney(code, name, told, patient)


def _over(code: str, name: str, daily: Decimal, limit: tuple[Decimal, str]) -> Iterator[Finding]:
    most, source = limit
    if daily > most:
        yield found(
            Kind.DAILY_DOSE,
            Severity.CONTRAINDICATED if daily > _NEVER_TIMES * most else Severity.MAJOR,
            [code],
            subject=name,
            effect=f"{daily.normalize():f} mg a day, at most {most.normalize():f} mg",
            action="lower the dose",
            source=source,
        )


def _weight(code: str, name: str, daily: Decimal, patient: Patient) -> Iterator[Finding]:
    rows = [row for row in read_json("limits.json")["weight"] if row["atc"] == code and daily > _decimal(row["max"])]
    if rows and patient.weight_kg is None:
        yield unknown(
            Kind.DAILY_DOSE,
            Consequence.BLOCKS,
            [code, "weight"],
            subject=name,
            effect=f"so much is for those of more than {rows[0]['up_to_kg']} kg, and the weight is not known",
            action="have the patient weighed, and record it",
        )


def _kidney(code: str, name: str, told: Sequence[Decimal | None], patient: Patient) -> Iterator[Finding]:
    rows = [row for row in read_json("limits.json")["kidney"] if row["atc"] in atc.parts(code)]
    if not rows:
        return
    if patient.egfr is None:
        yield unknown(
            Kind.KIDNEY,
            Consequence.BLOCKS,
            [code],
            subject=name,
            effect="its dose depends on the kidneys, and their function is not known",
            action="have it measured, and record it",
        )
        return
    for row in rows:
        if patient.egfr < row["below_egfr"] and _may_exceed(told, row["max"], code != row["atc"]):
            yield found(
                Kind.KIDNEY,
                Severity[row["severity"].upper()],
                [code],
                subject=name,
                effect=f"{row['effect']} below {row['below_egfr']} mL/min/1.73 m²",
                action=row["action"],
                source=f"{row['source']} ({row['status']})",
            )


def _may_exceed(told: Sequence[Decimal | None], most: float | None, is_combination: bool) -> bool:
    """Whether a day's dose is more than the most; of a combination it is not told by substance. None: at any dose."""
    if most is None or is_combination or None in told:
        return True
    return sum((each for each in told if each is not None), Decimal(0)) > _decimal(most)


def _daily_mg(item: Item) -> Decimal | None:
    """None where it cannot be told."""
    amount = substance(item.dose, item.strength)
    return amount.value * item.doses_per_day if amount is not None and amount.unit == "mg" else None


@cache
def _maximum(code: str) -> tuple[Decimal, str] | None:
    """The adult's, and where it comes from."""
    for row in read_json("drug_safety.json")["max_daily_dose"]:
        if row["atc"] == code:
            return _decimal(row["max"]), f"maximum daily dose of {row['drug']} ({row['status']})"
    return None


def _limits_with(code: str, items: Sequence[Item], patient: Patient) -> Iterator[tuple[Decimal, str]]:
    codes = {*(item.atc for item in items), *(used.atc for used in patient.in_use)} - {code, ""}
    others = {part for other in codes for part in atc.parts(other)}
    for row in read_json("limits.json")["dose_with"]:
        if row["atc"] == code and atc.any_in(others, row["with"]):
            yield _decimal(row["max"]), f"{row['source']} ({row['status']})"


def _limits_by_weight(code: str, patient: Patient) -> Iterator[tuple[Decimal, str]]:
    for row in read_json("limits.json")["weight"]:
        if row["atc"] == code and patient.weight_kg is not None and patient.weight_kg <= _decimal(row["up_to_kg"]):
            yield _decimal(row["max"]), f"{row['source']} ({row['status']})"


def _decimal(number: float) -> Decimal:
    return Decimal(str(number))
