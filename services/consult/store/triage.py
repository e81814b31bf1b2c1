"""The triage's rules and words, from the files in `data/triage/`. They are read once, at start, and checked: a code
that does not exist, a rule that can never apply or a disease that an answer would name stops the start."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.consult.domain.triage.model import (
    SEVERE,
    SUDDEN,
    Adjustment,
    Bilingual,
    Effect,
    Measure,
    Quantity,
    RedFlag,
    Rules,
    Sex,
    System,
    Term,
)
from services.consult.domain.triage.vocabulary import Pair, Small, Vocabulary
from services.consult.store.departments import departments
from services.consult.store.triage_files import Classes, DataError, Row, rows

_FOLDER = Path(__file__).parent / "data" / "triage"
_LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Triage:
    """What an answer is made from."""

    rules: Rules
    vocabulary: Vocabulary


@cache
def triage() -> Triage:
    """The project's own. Errors: DataError."""
    return read(_FOLDER)


def read(folder: Path) -> Triage:
    """That of a folder. Errors: DataError."""
    sources = {row["code"]: row["title"] for row in rows(folder, "sources.csv")}
    classes, phrases, pairs = Classes(folder), list[tuple[str, str]](), list[Pair]()
    terms: dict[str, Term] = {}
    for name in ("symptoms.csv", "conditions.csv"):
        for row in rows(folder, name):
            term = _term(row, sources)
            if term.code in terms:
                raise row.wrong(f"{term.code!r} stands twice")
            terms[term.code] = term
            pairs += [Pair(first, second, term.code) for first, second in classes.pairs(row)] if term.system else []
            phrases += [(phrase, term.code) for language in _LANGUAGES for phrase in classes.expand(row, language)]
    measures = [_measure(row, sources) for row in rows(folder, "measures.csv")]
    signs = {*terms, *(measure.sign for measure in measures), *(sex.value for sex in Sex)}
    rules = Rules(
        terms=terms,
        talked_of=frozenset(row.require("symptom", row["code"], terms) for row in rows(folder, "talked_of.csv")),
        measures=measures,
        red_flags=[_red_flag(row, terms, signs, sources) for row in rows(folder, "red_flags.csv")],
        adjustments=[_adjustment(row, signs, sources) for row in rows(folder, "adjustments.csv")],
        scopes={
            row.require("department", row["department"], departments()): Bilingual(row["zh"], row["en"])
            for row in rows(folder, "scopes.csv")
        },
        advice=dict(_advice(row, sources) for row in rows(folder, "advice.csv")),
    )
    _require_whole(rules)
    _require_no_disease(rules, diagnoses(folder))
    older = {
        older: newer
        for row in rows(folder, "older_forms.csv")
        for older, newer in zip(row["older"], row["newer"], strict=True)
    }
    small = [(Small(row["kind"]), word) for row in rows(folder, "small_words.csv") for word in row.split("words")]
    return Triage(rules, Vocabulary.of(phrases, classes.words(), pairs, small, older))


def diagnoses(folder: Path = _FOLDER) -> list[str]:
    """Words for diseases, which no answer uses of its own."""
    return [word for row in rows(folder, "diagnoses.csv") for word in row.split("words")]


def _term(row: Row, sources: Mapping[str, str]) -> Term:
    row.require("source", row["source"], sources)
    weights = {}
    for part in row["departments"].split():
        department, weight = part.split(":")
        weights[row.require("department", department, departments())] = float(weight)
        if not 0 < float(weight) < 1:
            raise row.wrong(f"the weight of {department} must lie between 0 and 1")
    system = System(row["system"]) if "system" in row.values else None
    return Term(row["code"], Bilingual(row["name_zh"], row["name_en"]), system, weights)


def _measure(row: Row, sources: Mapping[str, str]) -> Measure:
    row.require("source", row["source"], sources)
    return Measure(row["sign"], Quantity(row["quantity"]), row.number("at_least"), row.number("below"))


def _red_flag(row: Row, terms: Mapping[str, Term], signs: set[str], sources: Mapping[str, str]) -> RedFlag:
    needs = tuple(frozenset(group.strip().split("|")) for group in row["needs"].split("+"))
    for sign in frozenset[str]().union(*needs):
        code, _, quality = sign.partition(":")
        row.require("sign", code, terms if quality else signs)
        row.require("quality", quality, {"", SEVERE, SUDDEN})
    return RedFlag(
        code=row["code"],
        needs=needs,
        name=Bilingual(row["name_zh"], row["name_en"]),
        phone_numbers=tuple(row["phone_numbers"].split()),
        source=sources[row.require("source", row["source"], sources)],
    )


def _adjustment(row: Row, signs: set[str], sources: Mapping[str, str]) -> Adjustment:
    row.require("source", row["source"], sources)
    return Adjustment(
        sign=row.require("sign", row["sign"], signs),
        department=row.require("department", row["department"], departments()),
        effect=Effect(row["effect"]),
        weight=row.number("weight") or 0,
        reason=Bilingual(row["reason_zh"], row["reason_en"]),
    )


def _advice(row: Row, sources: Mapping[str, str]) -> tuple[tuple[str, ...], Bilingual]:
    row.require("source", row["source"], sources)
    return tuple(row["phone_numbers"].split()), Bilingual(row["zh"], row["en"])


def _require_whole(rules: Rules) -> None:
    if lacking := departments().keys() - rules.scopes.keys():
        raise DataError(f"scopes.csv: nothing for {sorted(lacking)}")
    for flag in rules.red_flags:
        if flag.phone_numbers not in rules.advice:
            raise DataError(f"advice.csv: nothing for {' '.join(flag.phone_numbers)!r}")


def _require_no_disease(rules: Rules, words: list[str]) -> None:
    for said in _said(rules):
        if named := [word for word in words if word in said.casefold()]:
            raise DataError(f"an answer would name {named[0]!r}: {said!r}")


def _said(rules: Rules) -> Iterator[str]:
    """Every sentence that an answer may be made of, besides the names of conditions that a patient told."""
    symptoms = [term.name for term in rules.terms.values() if term.system]
    others = [*rules.scopes.values(), *rules.advice.values(), *(adjustment.reason for adjustment in rules.adjustments)]
    for words in [*symptoms, *others, *(flag.name for flag in rules.red_flags)]:
        yield words.zh
        yield words.en
