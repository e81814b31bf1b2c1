"""Age, pregnancy and breastfeeding."""

from collections.abc import Iterator, Sequence

from formulary import atc
from formulary.data import read_json
from formulary.findings import Consequence, Finding, Kind, Severity, found, unknown
from formulary.model import Medicine, Patient, Pregnancy

_CHILDBEARING_YEARS = range(10, 61)
"""Wide: outside of it nobody is asked."""


def check_age(items: Sequence[Medicine], patient: Patient) -> Iterator[Finding]:
    """Medicines that are not for the young."""
    for item in items:
        for row in read_json("limits.json")["age"]:
            if patient.age_years < row["below_years"] and atc.any_in(atc.parts(item.atc), row["atc"]):
                yield found(
                    Kind.AGE,
                    Severity[row["severity"].upper()],
                    [item.atc],
                    subject=item.name_en,
                    effect=f"{row['effect']} below {row['below_years']} years",
                    action=row["action"],
                    source=f"{row['source']} ({row['status']})",
                )


def check_pregnancy(items: Sequence[Medicine], patient: Patient) -> Iterator[Finding]:
    """Medicines that may harm a child."""
    if patient.pregnancy is Pregnancy.NEITHER or patient.age_years not in _CHILDBEARING_YEARS:
        return
    for item in items:
        rows = [row for row in read_json("limits.json")["pregnancy"] if atc.any_in(atc.parts(item.atc), row["atc"])]
        if patient.pregnancy is Pregnancy.UNKNOWN:
            yield unknown(
                Kind.PREGNANCY,
                Consequence.BLOCKS if rows else Consequence.NEEDS_REASON,
                [item.atc],
                subject=item.name_en,
                effect="it is not known whether there is a child to think of",
                action="ask, and record it",
            )
            continue
        state = patient.pregnancy.name.lower()
        told = [row for row in rows if state in row["when"]]
        for row in told:
            yield found(
                Kind.PREGNANCY,
                Severity[row["severity"].upper()],
                [item.atc],
                subject=item.name_en,
                effect=row["effect"],
                action=row["action"],
                source=f"{row['source']} ({row['status']})",
            )
        if not told:
            yield unknown(
                Kind.PREGNANCY,
                Consequence.NEEDS_REASON,
                [item.atc],
                subject=item.name_en,
                effect=f"the data do not tell what it does to the child of a {state} patient",
                action="look it up elsewhere",
            )
