"""Allergies: by substance, then by class, then by what the data know to cross-react. An allergy whose substance nobody
knows forbids nobody knows what, and blocks."""

from collections.abc import Iterator, Sequence

from formulary import atc
from formulary.data import read_json
from formulary.findings import Consequence, Finding, Kind, Severity, found, unknown
from formulary.medicines import allergen_of, allergens
from formulary.model import Allergy, Medicine, Patient

_SUBSTANCE, _LEVEL_4 = 7, 5
"""Places of an ATC code."""


def check_allergies(items: Sequence[Medicine], patient: Patient) -> Iterator[Finding]:
    """Yield what each medicine has to do with each allergy."""
    allergens()  # a file that is not sound stops every check, not only that of a patient with allergies
    if patient.allergies is None:
        yield unknown(
            Kind.ALLERGY,
            Consequence.BLOCKS,
            ["not-recorded"],
            subject="",
            effect="nobody has recorded allergies",
            action="ask, and record them, or that there are none",
        )
        return
    for allergy in patient.allergies:
        code = allergy.atc or allergen_of(allergy.name)
        for item in items:
            yield from _to_item(allergy, code, item)
        if not code:
            yield unknown(
                Kind.ALLERGY,
                Consequence.BLOCKS,
                ["", allergy.name[:60]],
                subject=allergy.name,
                effect="its substance is not known by a code, and so neither is what it forbids",
                action="find out what it was, and record its code",
            )
    if patient.allergies:
        for item in items:
            if not atc.is_taken_apart(item.atc):
                yield unknown(
                    Kind.ALLERGY,
                    Consequence.BLOCKS,
                    [item.atc, "components"],
                    subject=item.name_en,
                    effect="allergies are recorded, and what is in this combination is not known",
                    action="prescribe its substances one by one",
                )


def _to_item(allergy: Allergy, code: str, item: Medicine) -> Iterator[Finding]:
    grave = Severity.CONTRAINDICATED if allergy.confirmed else Severity.MAJOR
    parts = atc.parts(item.atc)
    if _same_name(allergy.name, item) or (len(code) == _SUBSTANCE and code in parts):
        yield _finding(allergy, item, grave, "an allergy to this substance", "do not give", "the patient's record")
    elif code and any(atc.is_in(part, code) for part in parts):
        yield _finding(allergy, item, grave, "an allergy to this class", "do not give", "the patient's record")
    elif len(code) == _SUBSTANCE and any(part.startswith(code[:_LEVEL_4]) for part in parts):
        effect, source = "an allergy to a substance of the same class", "ATC, 4th level"
        yield _finding(allergy, item, Severity.MAJOR, effect, "give another class", source)
    if code:
        for row in read_json("limits.json")["cross_reactions"]:
            a, b = row["a_atc"], row["b_atc"]
            if (atc.any_in([code], a) and atc.any_in(parts, b)) or (atc.any_in([code], b) and atc.any_in(parts, a)):
                yield found(
                    Kind.ALLERGY,
                    Severity[row["severity"].upper()],
                    [item.atc, allergy.atc or allergy.name[:60]],
                    subject=item.name_en,
                    other=allergy.name,
                    effect=row["effect"],
                    action=row["action"],
                    source=row["source"],
                    is_reviewed=row["reviewed"],
                )


def _same_name(name: str, item: Medicine) -> bool:
    wanted = name.strip().casefold()
    return len(wanted) > 1 and (wanted in item.name_en.casefold() or wanted in item.name_zh)


def _finding(allergy: Allergy, item: Medicine, severity: Severity, effect: str, action: str, source: str) -> Finding:
    of = [item.atc, allergy.atc or allergy.name[:60]]
    return found(
        Kind.ALLERGY,
        severity,
        of,
        subject=item.name_en,
        other=allergy.name,
        effect=effect,
        action=action,
        source=source,
    )
