"""Which medicines the data know, and by what names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from formulary import atc, safety_rows
from formulary.data import read_csv, read_json
from formulary.findings import Consequence, Finding, Kind, unknown
from formulary.model import Item, MedicineInUse, Patient


class Names(NamedTuple):
    """A substance's generic names."""

    en: str
    zh: str


@cache
def names() -> Mapping[str, Names]:
    """Of single substances, by their codes."""
    return {row["atc"]: Names(row["name_en"], row["name_zh"]) for row in read_csv("medicines.csv")}


def code_of(name: str) -> str:
    """The code of a substance by its generic name in either language; empty: not known."""
    wanted = name.strip().casefold()
    return next((code for code, found in names().items() if wanted in (found.en.casefold(), found.zh)), "")


def allergen_of(name: str) -> str:
    """Return the code of what a person is allergic to, by its generic name, its class or its everyday name; empty: not
    known. What is no medicine has a code of allergen extracts, so that it is known to forbid none."""
    words = [word for word in re.split(r"[\s,，、/()（）]+", name.strip().casefold()) if word]
    found = {code_of(word) or allergens().get(word, "") for word in words}
    return code_of(name) or (found.pop() if len(found) == 1 else "")


@cache
def allergens() -> Mapping[str, str]:
    """Return the codes of classes and of what is no medicine, by their everyday names."""
    return {word: row["atc"] for row in read_csv("allergens.csv") for word in row["names"].split()}


def check_medicines(items: Sequence[Item], patient: Patient) -> Iterator[Finding]:
    """What the data do not hold they cannot tell of, neither of a medicine to be prescribed nor of one in use."""
    if patient.medicines is None:
        yield unknown(
            Kind.MEDICINE,
            Consequence.BLOCKS,
            ["in-use"],
            subject="",
            effect="nobody has recorded which medicines the patient takes",
            action="ask, and record them, or that there are none",
        )
    for item in items:
        if (known := names().get(item.atc)) and not _is_named(item, known):
            yield unknown(
                Kind.MEDICINE,
                Consequence.BLOCKS,
                [item.atc, "name"],
                subject=item.name_en,
                effect=f"the code {item.atc} is that of {known.en} {known.zh}",
                action="write the code and the generic names of one and the same medicine",
            )
    everything: list[Item | MedicineInUse] = [*items, *patient.in_use]
    for medicine in everything:
        if (finding := _unknown(medicine)) is not None:
            yield finding


def _unknown(medicine: Item | MedicineInUse) -> Finding | None:
    name = medicine.name_en if isinstance(medicine, Item) else medicine.name
    if not medicine.atc:
        effect = "its code is not known, and so neither is what it does together with others"
    elif not atc.is_taken_apart(medicine.atc):
        effect = "the data do not tell what this combination consists of"
    elif not atc.any_in(atc.parts(medicine.atc), _groups()):
        effect = "the data do not hold this medicine: its interactions are not known"
    elif isinstance(medicine, Item) and (gaps := _gaps(medicine.atc)):
        effect = f"the data do not tell of its {', '.join(gaps)}"
    else:
        return None
    of = [medicine.atc] if medicine.atc else ["", name[:60]]
    return unknown(
        Kind.MEDICINE, Consequence.NEEDS_REASON, of, subject=name, effect=effect, action="look it up elsewhere"
    )


def _gaps(code: str) -> list[str]:
    """Return what the data do not answer; the dose of a day is told of by its own check."""
    gaps = [aspect for aspect in safety_rows.missing(code) if aspect is not safety_rows.Aspect.DAILY_DOSE]
    return [aspect.value for aspect in gaps]


def _is_named(item: Item, known: Names) -> bool:
    return known.en.casefold() in item.name_en.casefold() and known.zh in item.name_zh


@cache
def _groups() -> frozenset[str]:
    """All that the data speak of."""
    data = read_json("drug_safety.json")
    paired = {group for row in data["interactions"] for side in ("a_atc", "b_atc") for group in row[side]}
    return frozenset(paired | set(safety_rows.groups()))
