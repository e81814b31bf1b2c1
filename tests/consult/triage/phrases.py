"""The phrases of `phrases.csv`, split into a half to tune on and a half that only the tests read, and the
phrases written later."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.consult.domain.triage.model import Complaint, Sex
from services.consult.domain.triage.suggest import suggest
from services.consult.store.triage import triage

_FOLDER = Path(__file__).parent
_HALVES = ("development", "kept")
_LATER = ("fresh", "unseen", "outside")
PARTS = (*_HALVES, *_LATER)


@dataclass(frozen=True)
class Phrase:
    """A complaint in a patient's words, and whether it is an emergency."""

    text: str
    language: str
    emergency: bool
    source: str
    age_months: int
    sex: Sex
    part: str


@dataclass(frozen=True)
class Confusions:
    """How often an emergency, and anything else, was and was not called one."""

    seen: int
    missed: int
    false_alarms: int
    calm: int

    @property
    def sensitivity(self) -> float:
        """Return the share of the emergencies that were called one."""
        return self.seen / (self.seen + self.missed)

    @property
    def specificity(self) -> float:
        """Return the share of everything else that was not called an emergency."""
        return self.calm / (self.calm + self.false_alarms)


def phrases() -> Iterator[Phrase]:
    """Yield each row of the files. The SHA-256 of the text puts a phrase into a half: nobody chooses it."""
    for row in _rows("phrases.csv"):
        yield _phrase(row, _HALVES[hashlib.sha256(row["text"].encode()).digest()[0] & 1])
    for part in _LATER:
        for row in _rows(f"{part}_phrases.csv"):
            yield _phrase(row, part)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _phrase(row: dict[str, str], part: str) -> Phrase:
    return Phrase(
        text=row["text"],
        language=row["language"],
        emergency=row["emergency"] == "yes",
        source=row["source"],
        age_months=int(row["age_months"]),
        sex=Sex(row["sex"]),
        part=part,
    )


@cache
def alarms() -> dict[Phrase, bool]:
    """Return of each phrase whether triage raises a red flag."""
    known = triage()
    return {
        phrase: bool(
            suggest(Complaint(phrase.text, phrase.age_months, phrase.sex), known.rules, known.vocabulary).raised
        )
        for phrase in phrases()
    }


def confusions(part: str, language: str = "") -> Confusions:
    """Return the counts of a part, of one language where it is named: "zh" or "en"."""
    here = [
        (phrase.emergency, alarmed)
        for phrase, alarmed in alarms().items()
        if phrase.part == part and language in ("", phrase.language)
    ]
    return Confusions(
        seen=here.count((True, True)),
        missed=here.count((True, False)),
        false_alarms=here.count((False, True)),
        calm=here.count((False, False)),
    )
