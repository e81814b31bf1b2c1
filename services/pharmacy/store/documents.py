"""What each product is found by."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import chain

from apricot.pharmacy.v1.product_pb2 import PRODUCT_CLASS_PRESCRIPTION, PRODUCT_STORAGE_REFRIGERATED, ProductContent

from kit.text_search import findable, marked


class Field(StrEnum):
    """Where a word was found; the mark of its tokens. The best first."""

    NAME = "A"
    """Generic names and brand."""
    ALL = "B"
    """Also substances, maker and ailments."""


class Fact(StrEnum):
    """What filters ask for; the mark of its lexemes."""

    OTC = "O"
    COLD_CHAIN = "C"
    FORM = "F"
    GROUP = "G"
    """Each level of its ATC code."""


_ATC_LEVELS = (1, 3, 4, 5, 7)
"""How many places each has."""


def lexemes(content: ProductContent) -> list[str]:
    """Marked tokens and facts, each once, in order."""
    named = [*findable(content.name_zh), *findable(content.name_en), *findable(content.brand)]
    more = chain.from_iterable(map(findable, [*content.ingredients, *content.ailments, content.manufacturer]))
    facts = {fact + value for fact, value in _facts(content)}
    return sorted(marked(Field.NAME, named) | marked(Field.ALL, [*named, *more]) | facts)


def _facts(content: ProductContent) -> Iterator[tuple[Fact, str]]:
    if content.product_class != PRODUCT_CLASS_PRESCRIPTION:
        yield Fact.OTC, ""
    if content.storage == PRODUCT_STORAGE_REFRIGERATED:
        yield Fact.COLD_CHAIN, ""
    yield Fact.FORM, str(content.form)
    yield from ((Fact.GROUP, content.atc_code[:places]) for places in _ATC_LEVELS)
