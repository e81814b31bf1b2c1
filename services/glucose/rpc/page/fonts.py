"""The page's own font (Noto Sans SC, `fonts/README.md`), how wide text is in it, and what it can print."""

import re
import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path

from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ft2font import FT2Font, LoadFlags

MM_PER_POINT = 25.4 / 72
MISSING_SIGN = "□"
_ELLIPSIS = "…"
_MEASURED_AT = 100.0  # points


class Weight(StrEnum):
    """Named as the files. Bold has our own words and Latin, Greek and Cyrillic; regular has Chinese names as well."""

    REGULAR = "regular"
    BOLD = "bold"


@cache
def properties(weight: Weight, size: float) -> FontProperties:
    """For matplotlib."""
    return FontProperties(fname=_file(weight), size=size)


def width_mm(text: str, size: float, weight: Weight = Weight.REGULAR) -> float:
    """How far the text reaches at a size in points."""
    return _width_points(text, weight) / _MEASURED_AT * size * MM_PER_POINT


def fit(text: str, width: float, size: float, weight: Weight = Weight.REGULAR, least: float = 0.8) -> tuple[str, float]:
    """The text in at most so many mm, and its size: first smaller, down to `least` of the size, then cut short."""
    wide = width_mm(text, size, weight)
    if wide <= width:
        return text, size
    size *= max(least, width / wide)
    if width_mm(text, size, weight) <= width:
        return text, size
    while text and width_mm(text + _ELLIPSIS, size, weight) > width:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS, size


def wrap(text: str, width: float, size: float) -> list[str]:
    """Lines of at most so many mm, broken at spaces and between Chinese characters, or within too long a word."""
    pieces = []
    for piece in re.findall(r"[（]*(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+)[，。：；、）]*\s*", text):
        pieces.extend([piece] if width_mm(piece, size) <= width else piece)
    lines = [""]
    for piece in pieces:
        if lines[-1] and width_mm(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def printable(name: str) -> str:
    """A name on one line; what the font lacks becomes a box."""
    composed = unicodedata.normalize("NFC", " ".join(name.split()))
    visible = (sign for sign in composed if unicodedata.category(sign) not in {"Cc", "Cf"})
    return "".join(sign if ord(sign) in characters(Weight.REGULAR) else MISSING_SIGN for sign in visible)


def _file(weight: Weight) -> Path:
    return Path(__file__).parent / "fonts" / f"{weight}.ttf"


@cache
def characters(weight: Weight) -> frozenset[int]:
    """What a weight can print."""
    return frozenset(get_font(_file(weight)).get_charmap())


@cache
def _measure(weight: Weight) -> FT2Font:
    font = FT2Font(str(_file(weight)))
    font.set_size(_MEASURED_AT, 72)
    return font


@cache
def _width_points(text: str, weight: Weight) -> float:
    font = _measure(weight)
    font.set_text(text, flags=LoadFlags.NO_HINTING)
    wide: int = font.get_width_height()[0]
    return wide / 64
