"""Foods and how they are found by a part of a name."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Food:
    """A row of the food table; figures are per 100 g."""

    source_id: str
    names_zh: tuple[str, ...]
    """Its Chinese names, the one to show first."""
    name_en: str
    carbohydrate_g: float
    fibre_g: float | None
    protein_g: float
    fat_g: float
    energy_kcal: float
    portion: str
    """A usual portion; empty: the source has none."""
    portion_g: float

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name, as it is compared."""
        return tuple(map(folded, (*self.names_zh, self.name_en)))

    @cached_property
    def words(self) -> tuple[frozenset[str], ...]:
        """Every word of a name by its pairs of neighbouring characters."""
        return tuple(pairs for name in self.names for word in name.split() if (pairs := _pairs(word)))


_MOST_UNLIKE = 0.5
"""From here on a word is another word, not a misspelt one."""


def search(foods: Sequence[Food], query: str, most: int) -> list[Food]:
    """Those with a name that is the query, begins with it, has a word that does, or holds it, in this order and else in
    the table's own, where the commoner food comes first. Where there are none, those with a word spelt much alike."""
    wanted = folded(query)
    if not wanted:
        return []
    pairs = _pairs(wanted)
    near = _nearest(foods, lambda food: min(_distance(name, wanted) for name in food.names), _NO_PART)
    return (near or _nearest(foods, lambda food: min(_unlike(word, pairs) for word in food.words), _MOST_UNLIKE))[:most]


def folded(text: str) -> str:
    """The text without what tells apart the same word: case, width, space around it."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _nearest(foods: Sequence[Food], distance: Callable[[Food], float], below: float) -> list[Food]:
    ranked = sorted(((distance(food), food) for food in foods), key=lambda found: found[0])
    return [food for found, food in ranked if found < below]


_NO_PART = 4


def _distance(name: str, wanted: str) -> int:
    """How near a name is that holds what is wanted; 4: it does not."""
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    if f" {wanted}" in name:
        return 2
    return 3 if wanted in name else _NO_PART


def _unlike(word: frozenset[str], other: frozenset[str]) -> float:
    """Dice's distance of two words by their pairs: 0 for the same, 1 for nothing in common."""
    return 1 - 2 * len(word & other) / (len(word) + len(other))


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))
