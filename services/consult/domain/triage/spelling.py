"""A misspelt English word is read as the vocabulary's word that is one slip away."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_SHORTEST = 6
"""Shorter words have too many neighbours."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """The vocabulary's words, and what is left of each without one letter."""

    known: frozenset[str]
    gaps: Mapping[str, str]

    @staticmethod
    def of(words: Iterable[str]) -> "Spelling":
        known = frozenset(words)
        long = sorted(word for word in known if len(word) >= _SHORTEST)
        return Spelling(known, {left: word for word in long for left in (word, *_without_one(word))})

    def right(self, word: str) -> str:
        """The word meant: itself, or a word of the vocabulary that begins alike and differs by one letter missing, too
        many, wrong or exchanged with its neighbour."""
        if word in self.known or len(word) < _SHORTEST or not word.isascii():
            return word
        for left in (word, *_without_one(word)):
            meant = self.gaps.get(left)
            if meant and meant[0] == word[0] and abs(len(meant) - len(word)) <= 1:
                return meant
        return word


def _without_one(word: str) -> Iterator[str]:
    return (word[:place] + word[place + 1 :] for place in range(1, len(word)))
