"""The four figures after the ranges: mean, GMI, variability, risk."""

from dataclasses import dataclass

from services.glucose.rpc.page.document import Document
from services.glucose.rpc.page.fonts import Weight, fit
from services.glucose.rpc.page.style import (
    BODY,
    FIGURE,
    INK,
    INNER_TINT,
    LEFT,
    MET,
    MISSED,
    MUTED,
    OUTER_TINT,
    RIGHT,
    SMALL,
    WIDTH,
)
from services.glucose.rpc.page.values import DASH, number, percent

STABLE_CV_PERCENT = 36.0
_ZONES = "ABCDE"
_ZONE_WIDTH = 20.0
HEIGHT = 20.0


@dataclass(frozen=True, slots=True)
class _Tile:
    label: str
    value: str
    unit: str = ""
    note: str = ""
    met: bool | None = None
    """Of the goal in the note."""


def draw_figures(document: Document, top: float) -> None:
    """`HEIGHT` high."""
    sheet, scale, words = document.sheet, document.scale, document.words
    gmi, cv, gri = (document.figure(name) for name in ("gmi_percent", "cv_percent", "gri"))
    tiles = (
        _Tile(
            words.mean,
            scale.written(document.figure("mean_mg_per_dl")),
            scale.name,
            words.mean_note.format(sd=scale.written(document.figure("sd_mg_per_dl")), unit=scale.name),
        ),
        _Tile(words.gmi, DASH if gmi is None else f"{gmi:.1f}%", "", words.gmi_note),
        _cv_tile(document, cv),
        _Tile(words.gri, number(gri), words.gri_zone.format(zone=_zone(gri)) if gri is not None else ""),
    )
    sheet.line([(LEFT, top), (RIGHT, top)])
    wide = WIDTH / len(tiles)
    for at, tile in enumerate(tiles):
        x = LEFT + at * wide
        label, size = fit(tile.label, wide - 3, BODY)
        sheet.text(x, top + 5, label, size, colour=MUTED)
        end = sheet.text(x, top + 12.3, tile.value, FIGURE, Weight.BOLD)
        if tile.unit:
            sheet.text(end + 1.3, top + 12.3, tile.unit, BODY, colour=INK)
        if tile.note:
            weight = Weight.BOLD if tile.met is False else Weight.REGULAR
            note, size = fit(tile.note, wide - 3, BODY, weight)
            colour = MUTED if tile.met is None else MET if tile.met else MISSED
            sheet.text(x, top + 16.6, note, size, weight, colour)
    if gri is not None:
        _draw_zones(document, gri, LEFT + 3 * wide, top + 14.2)
    sheet.line([(LEFT, top + HEIGHT), (RIGHT, top + HEIGHT)])


def _cv_tile(document: Document, cv: float | None) -> _Tile:
    words = document.words
    goal = words.goal.format(sign="≤", percent=f"{STABLE_CV_PERCENT:g}%")
    if cv is None:
        return _Tile(words.cv, percent(None), "", goal)
    met = cv <= STABLE_CV_PERCENT
    mark, verdict = ("✓", words.met) if met else ("×", words.missed)
    shown = f"{cv:.0f}" if (float(f"{cv:.0f}") <= STABLE_CV_PERCENT) == met else f"{cv:.1f}"
    return _Tile(words.cv, f"{shown}%", "", f"{mark} {goal} {verdict}", met)


def _zone(gri: float) -> str:
    """A to 20, B to 40, C to 60, D to 80, E to 100 (Klonoff 2022)."""
    return _ZONES[min(4, max(0, -(-int(gri * 1000) // 20_000) - 1))]


def _draw_zones(document: Document, gri: float, x: float, y: float) -> None:
    """A to E, where this one stands."""
    step = _ZONE_WIDTH / len(_ZONES)
    for at, zone in enumerate(_ZONES):
        here = zone == _zone(gri)
        document.sheet.box(x + at * step, y, step - 0.4, 2.9, INNER_TINT if here else OUTER_TINT)
        weight = Weight.BOLD if here else Weight.REGULAR
        document.sheet.text(x + (at + 0.5) * step - 0.2, y + 2.2, zone, SMALL, weight, INK if here else MUTED, "center")
