"""The words that are recognized: phrases of terms, and the small words that stand between and around them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from services.consult.domain.triage.spelling import Spelling
from services.consult.domain.triage.text import Folded, Token, fold, tokens


class Small(Enum):
    """What a small word does."""

    FILLER = "filler"
    """May stand inside a phrase and between a negation and what it denies: "very", "my", 有点."""
    NEGATION = "negation"
    """Denies what follows: "no", 没有."""
    FIRM_NEGATION = "firm_negation"
    """Denies a list of things too, as in a doctor's note: "denies", 否认."""
    OR = "or"
    """Carries a negation on: "or", 、."""
    AND = "and"
    """Carries a firm negation on: "and"."""
    HISTORY = "history"
    """Tells what follows of earlier times: "history of", 以前有过."""
    PAST = "past"
    """Tells of another time, of others or in general: "last year", "died of", "prevent", 去年, 预防."""
    NOW = "now"
    """Tells of the present, whatever else the clause says: "now", "again", 又."""
    SEVERE = "severe"
    SUDDEN = "sudden"


NEGATIONS = frozenset({Small.NEGATION, Small.FIRM_NEGATION})
_MEANINGLESS = {Small.FILLER, Small.NOW, Small.SEVERE, Small.SUDDEN}
PASSABLE = NEGATIONS | _MEANINGLESS
"""What may stand inside a phrase."""
BETWEEN = frozenset[object](_MEANINGLESS | {Small.HISTORY, Small.PAST})
"""What may stand between a negation, or a word for earlier times, and what it is about."""


_ARTICLES = frozenset(
    ["a", "an", "the", "my", "his", "her", "their", "your", "i", "im", "is", "are", "was", "were", "am", "be", "been"]
)
"""What a phrase may do without: "finish a sentence", "finish sentences"."""


@dataclass(slots=True)
class Node[T]:
    """A place in a tree of sequences."""

    children: dict[str, "Node[T]"] = field(default_factory=dict)
    values: tuple[T, ...] = ()

    def add(self, keys: Iterable[str], value: T) -> None:
        node = self
        for key in keys:
            node = node.children.setdefault(key, Node())
        if value not in node.values:
            node.values = (*node.values, value)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two concepts that tell a term together."""

    first: str
    second: str
    code: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every phrase, concept and small word, ready to be looked for."""

    phrases: Node[str]
    concepts: Node[str]
    pairs: Sequence[Pair]
    small_words: Node[Small]
    spelling: Spelling
    older_forms: Mapping[str, str]

    @staticmethod
    def of(
        phrases: Iterable[tuple[str, str]],
        concepts: Iterable[tuple[str, str]],
        pairs: Sequence[Pair],
        small_words: Iterable[tuple[Small, str]],
        older_forms: Mapping[str, str],
    ) -> "Vocabulary":
        """From phrases with the code of their term, words with their concept, and small words with what they do."""
        told, meant, small, words = Node[str](), Node[str](), Node[Small](), set[str]()
        for tree, texts in ((told, phrases), (meant, concepts)):
            for text, code in texts:
                keys = _keys(text, older_forms)
                tree.add(keys, code)
                words.update(keys)
                if len(bare := [key for key in keys if key not in _ARTICLES]) > 1:
                    tree.add(bare, code)
        for kind, word in small_words:
            keys = _keys(word, older_forms)
            small.add(keys, kind)
            words.update(keys)
        return Vocabulary(told, meant, pairs, small, Spelling.of(words), older_forms)

    def read(self, text: str) -> tuple[Folded, list[Token]]:
        """A text, folded, and its tokens, their spelling put right."""
        folded = fold(text, self.older_forms)
        return folded, [Token(self.spelling.right(token.key), token.start, token.end) for token in tokens(folded.text)]


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase in a text: its terms, and the first token and the one after its last."""

    codes: tuple[str, ...]
    start: int
    end: int
    matched: int
    """How many of its tokens are the phrase's own."""
    negated: bool
    """A negation stands inside: "my chest does not hurt"."""


type Word = tuple[Small, int]
"""A small word: what it does, and how many tokens it has."""


def small_word(small_words: Node[Small], text: Sequence[Token], at: int) -> Word | None:
    """The longest one that begins here."""
    node, longest = small_words, None
    for place in range(at, len(text)):
        found = node.children.get(text[place].key)
        if found is None:
            break
        node = found
        if node.values:
            longest = node.values[0], place + 1 - at
    return longest


_MOST_PASSED = 5
"""Between two tokens of a phrase stand at most so many small words."""


def matches(tree: Node[str], text: Sequence[Token], words: Sequence[Word | None], at: int) -> Iterator[Found]:
    """Everything that begins here, with small words in between or not."""
    pending = [(tree, at, 0, False, 0)]
    while pending:
        node, place, matched, negated, passed = pending.pop()
        if node.values and passed == 0:
            yield Found(node.values, at, place, matched, negated)
        if place == len(text) or not node.children:
            continue
        child = node.children.get(text[place].key)
        if child is not None:
            pending.append((child, place + 1, matched + 1, negated, 0))
        word = words[place]
        if word and matched and passed < _MOST_PASSED and word[0] in PASSABLE:
            pending.append((node, place + word[1], matched, negated != (word[0] in NEGATIONS), passed + 1))


def phrase(phrases: Node[str], text: Sequence[Token], words: Sequence[Word | None], at: int) -> Found | None:
    """The phrase that begins here: the one with most tokens of its own, of these the shortest."""
    return max(matches(phrases, text, words, at), key=lambda found: (found.matched, -found.end), default=None)


def _keys(words: str, older_forms: Mapping[str, str]) -> list[str]:
    return [token.key for token in tokens(fold(words, older_forms).text)]
