"""Writes `docs/triage.md`: `python -m tests.consult.triage.evaluate`."""

import csv
from collections import Counter
from pathlib import Path

from services.consult.store import triage as store
from tests.consult.triage import phrases
from tests.consult.triage.labelled import PARTS, figures, outcomes

PAGE = Path(__file__).resolve().parents[3] / "docs" / "triage.md"
_PREFACE = Path(__file__).parent / "preface.md"
_SOURCES = Path(store.__file__).parent / "data" / "triage" / "sources.csv"
_LANGUAGES = (("", "both"), ("zh", "Chinese"), ("en", "English"))


def page() -> str:
    """The page as the rules and the cases make it."""
    parts = [
        _PREFACE.read_text(encoding="utf-8").rstrip(),
        _red_flags(),
        _figures(),
        _confusion(),
        _missed(),
        _sources(),
    ]
    return "\n\n".join(parts) + "\n"


def _red_flags() -> str:
    """Return the confusions of the red flags on the phrases, and every phrase that was answered wrongly."""
    lines = [
        "## Red flags: confusions on the phrases",
        "| part | language | emergencies seen | missed | no alarm | false alarms | sensitivity | specificity |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for part in phrases.PARTS:
        for language, name in _LANGUAGES:
            of = phrases.confusions(part, language)
            ratios = f"{of.sensitivity:.3f} | {of.specificity:.3f}"
            lines.append(f"| {part} | {name} | {of.seen} | {of.missed} | {of.calm} | {of.false_alarms} | {ratios} |")
    wrong = [(phrase, alarmed) for phrase, alarmed in phrases.alarms().items() if alarmed != phrase.emergency]
    lines += ["", "| part | what | phrase |", "|---|---|---|"]
    lines += [f"| {phrase.part} | {_mistake(phrase.emergency)} | {phrase.text} |" for phrase, _ in wrong]
    return "\n".join(lines)


def _mistake(emergency: bool) -> str:
    return "missed" if emergency else "false alarm"


def _figures() -> str:
    lines = [
        "## Figures",
        "| part | language | cases | emergencies | sensitivity | specificity | top-1 | top-3 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for part in PARTS:
        for language, name in _LANGUAGES:
            of = figures(part, language)
            ratios = " | ".join(f"{ratio:.3f}" for ratio in (of.sensitivity, of.specificity, of.top_1, of.top_3))
            lines.append(f"| {part} | {name} | {of.cases} | {of.emergencies} | {ratios} |")
    return "\n".join(lines)


def _confusion() -> str:
    """Of the held-out cases, where the first department was none of the accepted."""
    held = [outcome for outcome in outcomes() if outcome.case.part == "held_out"]
    seen = Counter("/".join(sorted(outcome.case.accepted)) for outcome in held)
    right = Counter("/".join(sorted(outcome.case.accepted)) for outcome in held if outcome.top_1)
    wrong = {
        accepted: Counter(
            outcome.first
            for outcome in held
            if "/".join(sorted(outcome.case.accepted)) == accepted and not outcome.top_1
        )
        for accepted in seen
    }
    lines = [
        "## Held-out confusion",
        "| accepted first | cases | right | answered instead |",
        "|---|---|---|---|",
    ]
    for accepted in sorted(seen):
        instead = ", ".join(f"{department} {count}" for department, count in sorted(wrong[accepted].items())) or "–"
        lines.append(f"| {accepted} | {seen[accepted]} | {right[accepted]} | {instead} |")
    return "\n".join(lines)


def _missed() -> str:
    """Every emergency that was not seen, and every alarm for none."""
    lines = ["## Missed emergencies and false alarms", "| part | what | text |", "|---|---|---|"]
    for outcome in outcomes():
        if outcome.alarmed != outcome.case.emergency:
            what = _mistake(outcome.case.emergency)
            lines.append(f"| {outcome.case.part} | {what} | {outcome.case.complaint.text} |")
    return "\n".join(lines)


def _sources() -> str:
    with _SOURCES.open(encoding="utf-8", newline="") as file:
        rows = [f"| `{row['code']}` | {row['title']} | {row['says']} |" for row in csv.DictReader(file)]
    return "\n".join(["## Sources", "| code | source | what it says of this |", "|---|---|---|", *rows])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
