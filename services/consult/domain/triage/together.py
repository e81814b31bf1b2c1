"""Words that tell a term when they stand near each other in a clause, in any order: "face" and "lopsided"."""

from collections.abc import Iterator, Sequence
from itertools import product

from services.consult.domain.triage.text import Token
from services.consult.domain.triage.vocabulary import Found, Vocabulary, Word, matches

_MOST_APART = 8
"""So many tokens may stand between the two."""
_BEFORE = 3
"""A negation that stands so many tokens before the first one denies both."""


def near(
    text: Sequence[Token],
    words: Sequence[Word | None],
    clause: tuple[int, int],
    negations: Sequence[int],
    vocabulary: Vocabulary,
) -> Iterator[Found]:
    """Each pair that tells a term in a clause, the closest two of its words."""
    concepts: dict[str, list[Found]] = {}
    for at in range(*clause):
        for found in matches(vocabulary.concepts, text, words, at):
            if found.end <= clause[1]:
                for concept in found.codes:
                    concepts.setdefault(concept, []).append(found)
    for pair in vocabulary.pairs:
        if pair.first not in concepts or pair.second not in concepts:
            continue
        apart = [
            (two.start - one.end, one, two)
            for ends in product(concepts[pair.first], concepts[pair.second])
            for one, two in [sorted(ends, key=lambda found: (found.start, found.end))]
            if 0 <= two.start - one.end <= _MOST_APART
        ]
        if apart:
            _, one, two = min(apart, key=lambda pair: (pair[0], pair[1].start))
            yield Found((pair.code,), one.start, two.end, 0, _denied(one, two, negations))


def _denied(one: Found, two: Found, negations: Sequence[int]) -> bool:
    inside = any(one.start <= at < one.end or two.start <= at < two.end for at in negations)
    return not inside and (one.negated or two.negated or any(one.start - _BEFORE <= at < two.start for at in negations))
