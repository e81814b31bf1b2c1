"""The triage's data files: what is wrong in them stops the start and is told with its file and line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from services.consult.domain.triage.model import Complaint, System, Told
from services.consult.domain.triage.suggest import suggest
from services.consult.store import triage as store
from services.consult.store.triage import read, triage
from services.consult.store.triage_files import DataError

FOLDER = Path(store.__file__).parent / "data" / "triage"


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return apply


WRONG = {
    "unknown department": (
        change("symptoms.csv", "infectious_diseases:", "magic:"),
        "symptoms.csv:2: unknown department",
    ),
    "weight above one": (change("symptoms.csv", "infectious_diseases:0.", "infectious_diseases:2."), "symptoms.csv:2"),
    "unknown source": (change("red_flags.csv", ",MTS", ",HEARSAY"), "red_flags.csv:2: unknown source"),
    "a rule that can never apply": (
        change("red_flags.csv", "unconscious,unconscious", "unconscious,sleepwalking_twice"),
        "red_flags.csv:3: unknown sign",
    ),
    "unknown quality": (change("red_flags.csv", ":severe", ":purple"), "unknown quality"),
    "unknown class": (change("symptoms.csv", "{chest}", "{chests}"), "unknown class"),
    "a number nobody answers": (change("red_flags.csv", ",120,", ",999,"), "advice.csv"),
    "a department without words": (change("scopes.csv", "cardiology,", "geriatrics,"), "scopes.csv"),
    "a symptom twice": (change("symptoms.csv", "\nchills,", "\nfever,"), "symptoms.csv:3: 'fever' stands twice"),
    "a disease named": (change("symptoms.csv", ",chills,", ",malaria or influenza,"), "would name 'influenza'"),
    "a column too few": (change("advice.csv", "120,", "120 "), "advice.csv"),
}


@pytest.mark.parametrize(("spoil", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_stops_the_start(tmp_path: Path, spoil: Callable[[Path], None], told: str) -> None:
    folder = tmp_path / "triage"
    shutil.copytree(FOLDER, folder)
    spoil(folder)
    with pytest.raises(DataError, match=told):
        read(folder)


def test_every_symptom_leads_somewhere() -> None:
    for term in triage().rules.terms.values():
        if term.system:
            assert term.departments, term.code
            age_months = 24 if term.system is System.CHILD else 480
            complaint = Complaint("", age_months, symptoms=(Told(term.code),))
            answer = suggest(complaint, triage().rules, triage().vocabulary)
            assert answer.fits[0].score > 0 or answer.raised, term.code


def test_every_red_flag_on_symptoms_alone_can_be_raised() -> None:
    rules, vocabulary = triage().rules, triage().vocabulary
    for flag in rules.red_flags:
        chosen = [sorted(group)[0].partition(":") for group in flag.needs]
        if all(code in rules.terms and rules.terms[code].system for code, _, _ in chosen):
            told = tuple(Told(code, duration_hours=1, severity=10) for code, _, _ in chosen)
            raised = suggest(Complaint("", 480, symptoms=told), rules, vocabulary).raised
            assert flag.code in {each.flag.code for each in raised}


def test_every_red_flag_calls_120_and_names_its_source() -> None:
    for flag in triage().rules.red_flags:
        assert flag.source
        assert flag.phone_numbers[0] == "120"
