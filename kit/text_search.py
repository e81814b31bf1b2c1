"""Finding things by words of Chinese and of languages that put spaces between words.

Chinese has no word breaks: a run of its characters becomes the pairs that stand side by side in it, so that any part of
a name of two characters or more finds the name. Other words are taken whole, in lower case and without accents; a
search while somebody types also finds the words that the last one begins.

A token in a document bears a mark for each field it counts in, the narrower ones being part of the wider. So "what is
named so" is a question to the index like any other, which needs to read no document. The same holds for facts that
filters ask for, under marks of their own: "asthma, in Hangzhou, by video" is one question.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

_CJK = "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"([{_CJK}]+)|([^\W_{_CJK}]+)")
_LONGEST_WORD = 64
_SHORTEST_BEGINNING = 2
"""A single letter begins too many words."""
_SHORTEST_TYPO = 4
"""Of shorter words too little is left to resemble anything."""


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


def findable(text: str) -> list[Token]:
    """What a document with this text is found by: its tokens, and the last character of each run of Chinese, which
    begins no pair. So a single character finds the text wherever it stands."""
    runs = _RUNS.finditer(unicodedata.normalize("NFKC", text).casefold())
    return [*tokens(text), *(Token(match[1][-1], is_word=False) for match in runs if match[1])]


def may_be_mistyped(token: Token) -> bool:
    """Whether it is a word that is long enough to resemble what was meant."""
    return token.is_word and len(token.text) >= _SHORTEST_TYPO


def doubtful_words(query: Sequence[Token]) -> list[str]:
    """The words of a query that are long enough to be mistyped."""
    return [token.text for token in query if may_be_mistyped(token)]


def marked(mark: str, found: Iterable[Token]) -> set[str]:
    """The lexemes of a document for tokens that count in the field of this mark."""
    return {mark + token.text for token in found}


def condition(query: Sequence[Token], mark: str, meant: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    """PostgreSQL's `tsquery` of documents that have every token in this field, for a word any of those that it may have
    `meant`. A single Chinese character also finds the pairs that it begins (see `findable`)."""
    return " & ".join(_alternatives(token, mark, meant.get(token.text, ())) for token in query)


def condition_while_typing(query: Sequence[Token], mark: str) -> str:
    """Return the same `tsquery` for a query that may end within a word: "metf" finds what has "metformin"."""
    *typed, last = query
    return " & ".join([*(_alternatives(token, mark, ()) for token in typed), _begun(last, mark)])


def has_fact(mark: str, values: Iterable[str]) -> str:
    """PostgreSQL's `tsquery` of documents with one of these facts."""
    return "(" + " | ".join(f"'{mark}{_quoted(value)}'" for value in values) + ")"


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _begun(token: Token, mark: str) -> str:
    if token.is_word and len(token.text) >= _SHORTEST_BEGINNING:
        return f"'{mark}{token.text}':*"
    return _alternatives(token, mark, ())


def _alternatives(token: Token, mark: str, meant: Sequence[str]) -> str:
    if not token.is_word and len(token.text) == 1:
        return f"'{mark}{token.text}':*"
    return "(" + " | ".join(f"'{mark}{text}'" for text in dict.fromkeys([token.text, *meant])) + ")"


def _pairs(run: str) -> list[Token]:
    if len(run) == 1:
        return [Token(run, is_word=False)]
    return [Token(run[start : start + 2], is_word=False) for start in range(len(run) - 1)]


def _word(run: str) -> list[Token]:
    """Without accents; what consists of nothing else is no word."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", run) if not unicodedata.combining(letter))
    return [Token(bare[:_LONGEST_WORD], is_word=True)] if bare else []
