"""A text as it is read: its letters made alike, then cut into words, Chinese characters and pauses."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

PAUSE = ","
"""The key of a token that ends a clause."""
STOP = "."
"""The key of a token that ends a sentence."""

_TOKEN = re.compile(
    r"(?P<word>[a-z]+)|(?P<number>\d+(?:\.\d+)?)|(?P<stop>[。!?;\n\r.])"
    r"|(?P<pause>[,()…—]|(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f]))"
    r"|(?P<join>[、/+&])|(?P<character>[\u3400-\u9fff])"
)
_BRITISH = re.compile(r"ae|oe|ou(?=r)|ys(?=e)")
_AMERICAN = {"ae": "e", "oe": "e", "ou": "o", "ys": "yz"}
_SHORTEST_RESPELT = 7
"""Shorter words differ by these letters: "shoe", "does", "hour"."""
_APOSTROPHES = frozenset("'’‘`´")
_SHORT = 3


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without what tells apart the same letter: width, case, the older form of a character, apostrophes."""

    text: str
    origins: tuple[int, ...]
    """Of each character, its place in the text as it came; one more for the end."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word by its stem, a character, a number or a pause, with its place in the folded text."""

    key: str
    start: int
    end: int


def fold(text: str, older_forms: Mapping[str, str]) -> Folded:
    """Both forms of writing are read by the newer one."""
    letters: list[str] = []
    origins: list[int] = []
    for place, letter in enumerate(text):
        if letter in _APOSTROPHES:
            continue
        for plain in unicodedata.normalize("NFKC", older_forms.get(letter, letter)).casefold():
            letters.append(plain)
            origins.append(place)
    return Folded("".join(letters), (*origins, len(text)))


def tokens(text: str) -> list[Token]:
    """The tokens of a folded text; what is none of them is passed over."""
    return [Token(_key(match), match.start(), match.end()) for match in _TOKEN.finditer(text)]


def stem(word: str) -> str:
    """An English word without its ending, so that "bleeds", "bleeding" and "bled" differ as little as they must."""
    if len(word) <= _SHORT:
        return word
    for ending in ("ing", "ed", "es", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORT and not word.endswith("ss"):
            word = word.removesuffix(ending)
            break
    word = word.removesuffix("e") if len(word) > _SHORT else word
    return word[:-1] if len(word) > _SHORT and word[-1] == word[-2] else word


def american(word: str) -> str:
    """Return a British word as Americans spell it: "haemorrhage" and "hemorrhage" are one word here."""
    if len(word) < _SHORTEST_RESPELT:
        return word
    return _BRITISH.sub(lambda found: _AMERICAN[found[0]], word)


def _key(match: re.Match[str]) -> str:
    match match.lastgroup:
        case "word":
            return stem(american(match[0]))
        case "number":
            return "#"
        case "stop":
            return STOP
        case "pause":
            return PAUSE
        case _:
            return match[0]
