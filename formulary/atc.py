"""The WHO's ATC classification: codes begin with those of their groups, and combinations are taken apart."""

from collections.abc import Iterable, Mapping
from functools import cache

from formulary.data import read_csv

_COMBINATION_GROUPS = (
    *("A10BD", "C03E", "C07B", "C07C", "C07D", "C07E", "C07F", "C08G", "C09B", "C09D", "C10B"),
    *("A02BD", "J01CR", "J01EE"),
)
"""Groups of nothing but combinations."""


@cache
def _components() -> Mapping[str, frozenset[str]]:
    return {row["atc"]: frozenset(row["components"].split()) for row in read_csv("combinations.csv")}


def parts(atc: str) -> frozenset[str]:
    """A medicine's code and those of what it consists of."""
    return _components().get(atc, frozenset()) | {atc}


def is_taken_apart(atc: str) -> bool:
    """Whether it is known what a medicine consists of."""
    return not is_combination(atc) or atc in _components()


def is_combination(atc: str) -> bool:
    """Whether a medicine has more than one substance. By ATC's rule these have the numbers 50 and above, where their
    group holds others too."""
    return atc.startswith(_COMBINATION_GROUPS) or atc[5:7] >= "50" or len(parts(atc)) > 1


def is_in(atc: str, group: str) -> bool:
    """Whether a substance belongs to a group; where a combination names a whole class, whether it may."""
    return atc.startswith(group) or group.startswith(atc)


def any_in(atcs: Iterable[str], groups: Iterable[str]) -> bool:
    """Whether some of these belong to some of the groups."""
    named = tuple(groups)
    return any(is_in(atc, group) for atc in atcs for group in named)
