"""The safety data of medicines, by aspect: what is restricted, and what is explicitly not."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from formulary import atc
from formulary.amounts import Amount
from formulary.data import read_csv, read_json
from formulary.findings import Severity


class Aspect(StrEnum):
    """One question that the data answer of a medicine."""

    PREGNANCY = "pregnancy"
    BREASTFEEDING = "breastfeeding"
    AGE = "age"
    KIDNEY = "kidney"
    LIVER = "liver"
    DAILY_DOSE = "daily_dose"
    INTERACTIONS = "interactions"
    CHILD_DOSE = "child_dose"
    """Under 18 years; not every medicine is given to children."""


REQUIRED = tuple(aspect for aspect in Aspect if aspect is not Aspect.CHILD_DOSE)
"""A medicine that is sold has a row for each."""


class Row(NamedTuple):
    """One row of `safety.csv`."""

    groups: tuple[str, ...]
    """ATC codes, of whole groups where they have fewer places."""
    limit: Decimal
    """Below this age or filtration; from this Child-Pugh class (A is 1), or for children from this age on; else 0."""
    maximum: Amount | None
    """Of a day; in mg/kg for children. None: at any dose, or no maximum."""
    severity: Severity | None
    """None: the source knows of no restriction."""
    effect: str
    action: str
    source: str
    is_reviewed: bool
    """Whether a pharmacist has looked at it."""


@cache
def _rows() -> Mapping[Aspect, Sequence[Row]]:
    found: dict[Aspect, list[Row]] = {aspect: [] for aspect in Aspect}
    for row in read_csv("safety.csv"):
        found[Aspect(row["aspect"])].append(
            Row(
                groups=tuple(row["atc"].split()),
                limit=Decimal(row["limit"] or 0),
                maximum=Amount(Decimal(row["max"]), row["unit"]) if row["max"] else None,
                severity=None if row["severity"] == "none" else Severity[row["severity"].upper()],
                effect=row["effect"],
                action=row["action"],
                source=row["source"],
                is_reviewed=row["reviewed"] == "true",
            )
        )
    return found


def of_medicine(code: str, aspect: Aspect) -> list[Row]:
    """Return the rows on a medicine itself or on anything that it consists of."""
    parts = atc.parts(code)
    return [row for row in _rows()[aspect] if atc.any_in(parts, row.groups)]


def of_code(code: str, aspect: Aspect) -> list[Row]:
    """Return the rows on a code itself or on its groups: a combination's dose is not that of its components."""
    return [row for row in _rows()[aspect] if code.startswith(row.groups)]


def is_covered(code: str, aspect: Aspect) -> bool:
    """Return whether the data answer this of a medicine, or of each substance that it consists of."""
    if _answers(code, aspect):
        return True
    components = atc.parts(code) - {code}
    return aspect is not Aspect.DAILY_DOSE and bool(components) and all(_answers(each, aspect) for each in components)


def missing(code: str) -> list[Aspect]:
    """Return what the data do not answer of a medicine; nothing for one that may be sold."""
    return [aspect for aspect in REQUIRED if not is_covered(code, aspect)]


def groups() -> Iterator[str]:
    """Yield every code that has a row."""
    for rows in _rows().values():
        for row in rows:
            yield from row.groups


def _answers(code: str, aspect: Aspect) -> bool:
    return bool(of_code(code, aspect)) or (aspect is Aspect.INTERACTIONS and code.startswith(_paired()))


@cache
def _paired() -> tuple[str, ...]:
    rows = read_json("drug_safety.json")["interactions"]
    return tuple({group for row in rows for side in ("a_atc", "b_atc") for group in row[side]})
