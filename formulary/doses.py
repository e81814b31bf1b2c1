"""The dose of a day: against the maximum of adults or children, the weight, and what other medicines make of it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from formulary import atc, safety_rows
from formulary.amounts import Amount, substance
from formulary.data import read_json
from formulary.findings import Consequence, Finding, Kind, Severity, found, unknown
from formulary.model import ADULT_YEARS, Item, Patient
from formulary.safety_rows import Aspect, Row

_NEVER_TIMES = Decimal("1.5")
"""A day's dose beyond so many times the maximum is a slip, or belongs to a specialist: it blocks."""
_PER_KG = "mg/kg"


class _Limit(NamedTuple):
    most: Decimal
    unit: str
    source: str
    is_reviewed: bool


def check_doses(items: Sequence[Item], patient: Patient) -> Iterator[Finding]:
    """Yield what is wrong with each substance's dose of a day, summed over the prescription."""
    for code, same in groupby(sorted(items, key=attrgetter("atc")), key=attrgetter("atc")):
        yield from _check(code, list(same), items, patient)


def daily(items: Sequence[Item], unit: str) -> Decimal | None:
    """Return what is taken on one day in mg or international units; None where it cannot be told."""
    total = Decimal(0)
    for item in items:
        amount = substance(item.dose, item.strength)
        if amount is None or amount.unit != unit:
            return None
        total += amount.value * item.doses_per_day
    return total


def _check(code: str, same: Sequence[Item], items: Sequence[Item], patient: Patient) -> Iterator[Finding]:
    name, is_child = same[0].name_en, patient.age_years < ADULT_YEARS
    rows = safety_rows.of_code(code, Aspect.DAILY_DOSE)
    maxima = [_of_row(row, row.maximum) for row in rows if row.maximum is not None]
    if not rows:
        yield unknown(
            Kind.DAILY_DOSE,
            Consequence.BLOCKS if is_child else Consequence.NEEDS_REASON,
            [code, "no-maximum"],
            subject=name,
            effect="the data hold no maximum dose of a day",
            action="look it up elsewhere",
        )
    if maxima and is_child:
        child = _child_row(code, patient.age_years)
        if child is None or child.maximum is None:
            yield _not_a_childs(code, name)
        elif child.maximum.unit == _PER_KG and patient.weight_kg is None:
            yield _weight_unknown(code, name, "a child's maximum goes by weight, and the weight is not known")
        else:
            maxima.append(_childs(child, child.maximum, patient))
    limits = [*maxima, *_limits_with(code, items, patient), *_limits_by_weight(code, patient)]
    if limits:
        yield from _over(code, name, same, min(limits))
    yield from _weight(code, name, same, patient)


def _over(code: str, name: str, same: Sequence[Item], limit: _Limit) -> Iterator[Finding]:
    taken = daily(same, limit.unit)
    if taken is None:
        yield unknown(
            Kind.DAILY_DOSE,
            Consequence.BLOCKS,
            [code, "unit"],
            subject=name,
            effect="the dose of a day cannot be told from dose and strength",
            action="write the dose in mg, or in what the strength is for",
        )
    known = sum((each for item in same if (each := daily([item], limit.unit)) is not None), Decimal(0))
    if known > limit.most:
        unit = "IU" if limit.unit == "[iU]" else limit.unit
        yield found(
            Kind.DAILY_DOSE,
            Severity.CONTRAINDICATED if known > _NEVER_TIMES * limit.most else Severity.MAJOR,
            [code],
            subject=name,
            effect=f"{known.normalize():f} {unit} a day, at most {limit.most.normalize():f} {unit}",
            action="lower the dose",
            source=limit.source,
            is_reviewed=limit.is_reviewed,
        )


def _child_row(code: str, age_years: int) -> Row | None:
    """Return the row of the oldest age that the child has reached."""
    rows = [row for row in safety_rows.of_code(code, Aspect.CHILD_DOSE) if row.limit <= age_years]
    return max(rows, key=attrgetter("limit"), default=None)


def _childs(row: Row, maximum: Amount, patient: Patient) -> _Limit:
    if maximum.unit == _PER_KG:
        maximum = Amount(maximum.value * (patient.weight_kg or 0), "mg")
    return _of_row(row, maximum)


def _of_row(row: Row, maximum: Amount) -> _Limit:
    return _Limit(maximum.value, maximum.unit, row.source, row.is_reviewed)


def _not_a_childs(code: str, name: str) -> Finding:
    return unknown(
        Kind.DAILY_DOSE,
        Consequence.BLOCKS,
        [code, "child"],
        subject=name,
        effect="the data hold no maximum dose of a day for a child of this age",
        action="give another medicine, or refer to a visit in person",
    )


def _weight(code: str, name: str, same: Sequence[Item], patient: Patient) -> Iterator[Finding]:
    taken = daily(same, "mg") or 0
    rows = [row for row in read_json("limits.json")["weight"] if row["atc"] == code and taken > _decimal(row["max"])]
    if rows and patient.weight_kg is None:
        effect = f"so much is for those of more than {rows[0]['up_to_kg']} kg, and the weight is not known"
        yield _weight_unknown(code, name, effect)


def _weight_unknown(code: str, name: str, effect: str) -> Finding:
    return unknown(
        Kind.DAILY_DOSE,
        Consequence.BLOCKS,
        [code, "weight"],
        subject=name,
        effect=effect,
        action="have the patient weighed, and record it",
    )


def _limits_with(code: str, items: Sequence[Item], patient: Patient) -> Iterator[_Limit]:
    codes = {*(item.atc for item in items), *(used.atc for used in patient.in_use)} - {code, ""}
    others = {part for other in codes for part in atc.parts(other)}
    for row in read_json("limits.json")["dose_with"]:
        if row["atc"] == code and atc.any_in(others, row["with"]):
            yield _of_json(row)


def _limits_by_weight(code: str, patient: Patient) -> Iterator[_Limit]:
    for row in read_json("limits.json")["weight"]:
        if row["atc"] == code and patient.weight_kg is not None and patient.weight_kg <= _decimal(row["up_to_kg"]):
            yield _of_json(row)


def _of_json(row: dict[str, Any]) -> _Limit:
    return _Limit(_decimal(row["max"]), "mg", row["source"], row["reviewed"])


def _decimal(number: float) -> Decimal:
    return Decimal(str(number))
