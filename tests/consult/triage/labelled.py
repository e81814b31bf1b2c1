"""The labelled complaints of `cases.csv`, and how the triage answers them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.consult.domain.triage.model import Complaint, Sex, Suggestion
from services.consult.domain.triage.suggest import suggest
from services.consult.store.triage import triage

_FILE = Path(__file__).parent / "cases.csv"
PARTS = ("development", "held_out")


@dataclass(frozen=True)
class Case:
    """A complaint with what a good desk would answer."""

    part: str
    kind: str
    emergency: bool
    complaint: Complaint
    accepted: frozenset[str]
    """The departments of which any is a good first answer."""


@dataclass(frozen=True)
class Outcome:
    """A case, answered."""

    case: Case
    answer: Suggestion

    @property
    def alarmed(self) -> bool:
        return bool(self.answer.raised)

    @property
    def first(self) -> str:
        return self.answer.fits[0].department

    @property
    def top_1(self) -> bool:
        return self.first in self.case.accepted

    @property
    def top_3(self) -> bool:
        return any(fit.department in self.case.accepted for fit in self.answer.fits[:3])


@dataclass(frozen=True)
class Figures:
    """How a part went; each a ratio."""

    cases: int
    emergencies: int
    sensitivity: float
    specificity: float
    top_1: float
    top_3: float


def cases() -> Iterator[Case]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            conditions = [code for code in row["conditions"].split("|") if code]
            complaint = Complaint(
                text=row["text"],
                age_months=int(row["age_months"]),
                sex=Sex(row["sex"]),
                pregnant="pregnant" in conditions,
                conditions=tuple(code for code in conditions if code != "pregnant"),
            )
            accepted = frozenset(row["departments"].split("|"))
            yield Case(row["part"], row["kind"], row["emergency"] == "yes", complaint, accepted)


@cache
def outcomes() -> tuple[Outcome, ...]:
    known = triage()
    return tuple(Outcome(case, suggest(case.complaint, known.rules, known.vocabulary)) for case in cases())


def figures(part: str, language: str = "") -> Figures:
    """Those of a part, of one language where it is named: "zh" or "en"."""
    here = [
        outcome
        for outcome in outcomes()
        if outcome.case.part == part and language in ("", _language(outcome.case.complaint.text))
    ]
    danger = [outcome for outcome in here if outcome.case.emergency]
    calm = [outcome for outcome in here if not outcome.case.emergency]
    return Figures(
        cases=len(here),
        emergencies=len(danger),
        sensitivity=_share([outcome.alarmed for outcome in danger]),
        specificity=_share([not outcome.alarmed for outcome in calm]),
        top_1=_share([outcome.top_1 for outcome in here]),
        top_3=_share([outcome.top_3 for outcome in here]),
    )


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def _language(text: str) -> str:
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else "en"
