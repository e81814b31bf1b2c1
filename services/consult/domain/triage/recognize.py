"""Which terms a text tells, and which of them it denies, calls severe or sudden."""

from bisect import bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from services.consult.domain.triage.model import Mention, Span
from services.consult.domain.triage.text import PAUSE, STOP, Folded, Token
from services.consult.domain.triage.together import near
from services.consult.domain.triage.vocabulary import (
    BETWEEN,
    NEGATIONS,
    Found,
    Small,
    Vocabulary,
    Word,
    phrase,
    small_word,
)

type Piece = Found | Small | str
"""A text cut up: phrases, small words, and the keys of all other tokens."""


@dataclass(frozen=True, slots=True)
class _Clause:
    """What stands between two pauses: its first token and the one after its last, and how it speaks."""

    start: int
    end: int
    severe: bool
    sudden: bool
    past: bool
    ends_sentence: bool


def recognize(text: str, vocabulary: Vocabulary) -> tuple[Folded, list[Mention]]:
    """The text, folded, and what it tells, in its order. No mention counts twice for the same words."""
    folded, read = vocabulary.read(text)
    words = [small_word(vocabulary.small_words, read, at) for at in range(len(read))]
    places, pieces = zip(*_pieces(read, words, vocabulary), strict=True) if read else ((), ())
    denied, earlier = _denied(pieces), _history(pieces)
    found = [(piece, at in denied, at in earlier) for at, piece in enumerate(pieces) if isinstance(piece, Found)]
    clauses = list(_clauses(read, words))
    starts = [clause.start for clause in clauses]
    known = {(bisect_right(starts, piece.start) - 1, code) for piece, _, _ in found for code in piece.codes}
    negations = [place for place, piece in zip(places, pieces, strict=True) if piece in NEGATIONS]
    for at, clause in enumerate(clauses):
        told = near(read, words, (clause.start, min(clause.end, len(read))), negations, vocabulary)
        found += [(piece, piece.negated, False) for piece in told if (at, piece.codes[0]) not in known]
    holding = {bisect_right(starts, piece.start) - 1 for piece, _, _ in found}
    clauses = _lent(clauses, holding)
    mentions = []
    for piece, negated, history in sorted(found, key=lambda each: (each[0].start, each[0].end)):
        clause = clauses[bisect_right(starts, piece.start) - 1]
        span = Span(folded.origins[read[piece.start].start], folded.origins[read[piece.end - 1].end - 1] + 1)
        mentions += [
            Mention(code, span, negated, clause.severe, clause.sudden, history=history, past=clause.past)
            for code in piece.codes
        ]
    return folded, mentions


def _pieces(text: Sequence[Token], words: Sequence[Word | None], vocabulary: Vocabulary) -> Iterator[tuple[int, Piece]]:
    """Each piece with the place of its first token."""
    at = 0
    while at < len(text):
        if found := phrase(vocabulary.phrases, text, words, at):
            yield at, found
            at = found.end
        elif word := words[at]:
            yield at, word[0]
            at += word[1]
        else:
            yield at, text[at].key
            at += 1


def _denied(pieces: Sequence[Piece]) -> set[int]:
    """The places of the phrases that are denied: by a negation inside, right before (with small words alone between),
    in a list that begins so, or right after at the clause's end ("fever: none")."""
    denied = set()
    negation: Small | None = None
    in_list = False
    for at, piece in enumerate(pieces):
        if isinstance(piece, Found):
            if piece.negated or (negation and not in_list) or _denied_after(pieces, at):
                denied.add(at)
                in_list = negation is not None
            elif negation is not Small.FIRM_NEGATION:
                negation = None
            else:
                denied.add(at)
        elif isinstance(piece, Small) and piece in NEGATIONS:
            negation, in_list = piece, False
        elif negation and in_list:
            carried = piece == Small.OR or (piece == Small.AND and negation is Small.FIRM_NEGATION)
            if carried or (piece == PAUSE and _ends_with_or(pieces, at)):
                in_list = False
            else:
                negation = None
        elif piece not in BETWEEN:
            negation = None
    return denied


def _history(pieces: Sequence[Piece]) -> set[int]:
    """Return the places of the phrases that a word for earlier times stands right before, with small words between."""
    earlier, told = set(), False
    for at, piece in enumerate(pieces):
        if isinstance(piece, Found) and told:
            earlier.add(at)
        told = piece == Small.HISTORY or (told and piece in BETWEEN)
    return earlier


def _denied_after(pieces: Sequence[Piece], at: int) -> bool:
    rest = iter(pieces[at + 1 :])
    said = next((piece for piece in rest if piece != Small.FILLER), None)
    return isinstance(said, Small) and said in NEGATIONS and next(rest, STOP) in (PAUSE, STOP)


def _ends_with_or(pieces: Sequence[Piece], at: int) -> bool:
    """Whether the list that goes on after this pause ends with an "or": "no fever, cough or rash"."""
    for piece in pieces[at + 1 :]:
        if piece == Small.OR:
            return True
        if not isinstance(piece, Found) and piece not in (PAUSE, Small.FILLER):
            return False
    return False


def _clauses(text: Sequence[Token], words: Sequence[Word | None]) -> Iterator[_Clause]:
    start, said, negated, at = 0, set[Small](), False, 0
    while at < len(text):
        if text[at].key in (PAUSE, STOP):
            yield _clause(start, at + 1, said, text[at].key == STOP)
            start, said, negated, at = at + 1, set(), False, at + 1
        elif word := words[at]:
            if not negated:
                said.add(word[0])
            negated = word[0] in NEGATIONS or (negated and word[0] is Small.FILLER)
            at += word[1]
        else:
            negated = False
            at += 1
    yield _clause(start, len(text) + 1, said, ends_sentence=True)


def _clause(start: int, end: int, said: set[Small], ends_sentence: bool) -> _Clause:
    past = not said.isdisjoint((Small.PAST, Small.HISTORY)) and said.isdisjoint((Small.NOW, Small.SUDDEN))
    return _Clause(start, end, Small.SEVERE in said, Small.SUDDEN in said, past, ends_sentence)


def _lent(clauses: Sequence[_Clause], holding: Container[int]) -> list[_Clause]:
    """A clause without a phrase of its own speaks of the one before it, or of the one after where it is the sentence's
    first: "my belly hurts, unbearable"; "all of a sudden, my eye went dark"."""
    lent = list(clauses)
    for at, clause in enumerate(clauses):
        if at in holding or not (clause.severe or clause.sudden):
            continue
        first = at == 0 or clauses[at - 1].ends_sentence
        to = at + 1 if first and not clause.ends_sentence else at - 1
        if 0 <= to < len(lent) and not (first and clause.ends_sentence):
            lent[to] = replace(
                lent[to], severe=lent[to].severe or clause.severe, sudden=lent[to].sudden or clause.sudden
            )
    return lent
