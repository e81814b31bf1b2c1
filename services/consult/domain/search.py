"""Finding doctors by words of Chinese and of languages that put spaces between words.

Chinese has no word breaks: a run of its characters becomes the pairs that stand side by side in it, so that any part of
a name of two characters or more finds the name. Other words are taken whole, in lower case and without accents.

A token bears a mark for each field it counts in, the narrower ones being part of the wider: name in work in all. So
"who is named so" is a question to the index like any other, which needs to read no document. The same holds for facts
that filters ask for: "asthma, in Hangzhou, by video" is one question.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

_CJK = "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"([{_CJK}]+)|([^\W_{_CJK}]+)")
_LONGEST_WORD = 64
_SHORTEST_TYPO = 4
"""Of shorter words too little is left to resemble anything."""


class Field(StrEnum):
    """Where a word was found; the mark of its tokens. The best first."""

    NAME = "A"
    WORK = "B"
    """Department, hospital, specialties; and the name."""
    ALL = "C"
    """Also the biography."""


class Fact(StrEnum):
    """What filters ask for; the mark of its lexemes."""

    DEPARTMENT = "D"
    HOSPITAL = "H"
    GRADE = "G"
    CITY = "P"
    MODE = "M"
    LANGUAGE = "L"


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a text that can be found."""

    text: str
    is_word: bool
    """Of a language with spaces, and not Chinese."""


def tokens(text: str) -> list[Token]:
    """The parts of a text, in their order; a part that comes twice is one."""
    found = chain.from_iterable(
        _pairs(match[1]) if match[1] else _word(match[2])
        for match in _RUNS.finditer(unicodedata.normalize("NFKC", text).casefold())
    )
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Document:
    """What a doctor is found by."""

    lexemes: Sequence[str]
    """Marked tokens and facts, each once, in order."""
    words: frozenset[str]
    """The words among them, as they may be mistyped."""


def document(name: str, work: Iterable[str], biography: str, facts: Iterable[tuple[Fact, str]] = ()) -> Document:
    """Of a doctor's name, what tells of the work, the biography, and facts."""
    named = tokens(name)
    working = [*named, *chain.from_iterable(map(tokens, work))]
    everything = [*working, *tokens(biography)]
    marked = {Field.NAME: named, Field.WORK: working, Field.ALL: everything}
    lexemes = {field + token.text for field, found in marked.items() for token in found}
    return Document(
        lexemes=sorted(lexemes | {fact + value for fact, value in facts}),
        words=frozenset(token.text for token in everything if token.is_word and len(token.text) >= _SHORTEST_TYPO),
    )


def doubtful_words(query: Sequence[Token]) -> list[str]:
    """The words of a query that are long enough to be mistyped."""
    return [token.text for token in query if token.is_word and len(token.text) >= _SHORTEST_TYPO]


def condition(query: Sequence[Token], field: Field, meant: Mapping[str, Sequence[str]]) -> str:
    """PostgreSQL's `tsquery` of documents that have every token in this field, for a word any of those that it may have
    `meant`. A single Chinese character also finds the pairs that it begins."""
    return " & ".join(_alternatives(token, field, meant.get(token.text, ())) for token in query)


def has_fact(fact: Fact, values: Iterable[str]) -> str:
    """PostgreSQL's `tsquery` of documents with one of these facts."""
    return "(" + " | ".join(f"'{fact}{_quoted(value)}'" for value in values) + ")"


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _alternatives(token: Token, field: Field, meant: Sequence[str]) -> str:
    if not token.is_word and len(token.text) == 1:
        return f"'{field}{token.text}':*"
    return "(" + " | ".join(f"'{field}{text}'" for text in dict.fromkeys([token.text, *meant])) + ")"


def _pairs(run: str) -> list[Token]:
    if len(run) == 1:
        return [Token(run, is_word=False)]
    return [Token(run[start : start + 2], is_word=False) for start in range(len(run) - 1)]


def _word(run: str) -> list[Token]:
    """Without accents; what consists of nothing else is no word."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", run) if not unicodedata.combining(letter))
    return [Token(bare[:_LONGEST_WORD], is_word=True)] if bare else []
