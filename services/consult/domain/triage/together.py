"""Words that tell a term when they stand near each other in a clause, in any order: "face" and "lopsided"."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

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
    start, end = clause
    denying = [at for at in negations if start <= at < end]
    concepts: dict[str, list[Found]] = {}
    for at in range(start, end):
        for found in matches(vocabulary.concepts, text, words, at):
            if found.end <= end:
                for concept in found.codes:
                    concepts.setdefault(concept, []).append(found)
    for pair in vocabulary.pairs:
        some, others = concepts.get(pair.first), concepts.get(pair.second)
        if some and others and (closest := _closest(some, others)):
            one, two = closest
            yield Found((pair.code,), one.start, two.end, 0, _denied(one, two, denying))


def _closest(some: Sequence[Found], others: Sequence[Found]) -> tuple[Found, Found] | None:
    """The two that stand nearest to each other, in the order of the text, if any are near enough."""
    following = [*_followed(some, others), *_followed(others, some)]
    return min(following, key=lambda pair: (pair[1].start - pair[0].end, pair[0].start), default=None)


def _followed(some: Sequence[Found], others: Sequence[Found]) -> Iterator[tuple[Found, Found]]:
    """Each with the first of the others that begins after its end, both in the order of the text."""
    starts = [other.start for other in others]
    for one in some:
        place = bisect_left(starts, one.end)
        if place < len(others) and others[place].start - one.end <= _MOST_APART:
            yield one, others[place]


def _denied(one: Found, two: Found, negations: Sequence[int]) -> bool:
    inside = any(one.start <= at < one.end or two.start <= at < two.end for at in negations)
    return not inside and (one.negated or two.negated or any(one.start - _BEFORE <= at < two.start for at in negations))
