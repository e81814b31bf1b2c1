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
HEIGHT = 23.0
_MEAN_GOALS = {1: (154.0, 8.6, 7.0), 2: (183.0, 10.2, 8.0)}
"""By preset: mean in mg/dL and mmol/L, GMI in percent, by HbA1c below 7 %, for older people in poor health below 8 %
(ADA Standards of Care 2025); for pregnancy none is agreed."""


@dataclass(frozen=True, slots=True)
class _Tile:
    label: str
    value: str
    unit: str = ""
    note: str = ""
    met: bool | None = None
    """Of the goal in the note."""
    more: str = ""


def draw_figures(document: Document, top: float) -> None:
    """`HEIGHT` high."""
    sheet, words = document.sheet, document.words
    gmi, cv, gri = (document.figure(name) for name in ("gmi_percent", "cv_percent", "gri"))
    tiles = (
        _mean_tile(document),
        _gmi_tile(document, gmi),
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
        if tile.more:
            more, size = fit(tile.more, wide - 3, BODY, least=0.6)
            sheet.text(x, top + 20.3, more, size, colour=MUTED)
    if gri is not None:
        _draw_zones(document, gri, LEFT + 3 * wide, top + 14.2)
    sheet.line([(LEFT, top + HEIGHT), (RIGHT, top + HEIGHT)])


def _goal(document: Document, value: float | None, goal: float, written: str) -> tuple[str, bool | None]:
    """A goal in words with its verdict."""
    words, text = document.words, document.words.goal_value.format(value=written)
    if value is None:
        return text, None
    met = value < goal
    mark, verdict = ("✓", words.met) if met else ("×", words.missed)
    return f"{mark} {text} {verdict}", met


def _before(document: Document, written: str | None) -> str:
    return document.words.before.format(value=written) if written else ""


def _mean_tile(document: Document) -> _Tile:
    words, scale, mean = document.words, document.scale, document.figure("mean_mg_per_dl")
    goals = _MEAN_GOALS.get(document.summary.preset or 1)
    note, met = (words.no_goal, None)
    if goals:
        goal = goals[0] if scale.decimals == 0 else goals[1] * scale.mg_per_dl
        note, met = _goal(document, mean, goal, scale.edge(scale.value(goal)))
    sd = words.mean_note.format(sd=scale.written(document.figure("sd_mg_per_dl")), unit=scale.name)
    earlier = document.figure_before("mean_mg_per_dl")
    more = _before(document, scale.written(earlier) if earlier is not None else None)
    return _Tile(words.mean, scale.written(mean), scale.name, note, met, f"{sd}  ·  {more}" if more else sd)


def _gmi_tile(document: Document, gmi: float | None) -> _Tile:
    words, goals = document.words, _MEAN_GOALS.get(document.summary.preset or 1)
    note, met = _goal(document, gmi, goals[2], f"{goals[2]:g}%") if goals else (words.no_goal, None)
    earlier = document.figure_before("gmi_percent")
    more = _before(document, None if earlier is None else f"{earlier:.1f}%")
    return _Tile(words.gmi, DASH if gmi is None else f"{gmi:.1f}%", "", note, met, more)


def _cv_tile(document: Document, cv: float | None) -> _Tile:
    words = document.words
    goal = words.goal.format(sign="≤", percent=f"{STABLE_CV_PERCENT:g}%")
    if cv is None:
        return _Tile(words.cv, percent(None), "", goal)
    met = cv <= STABLE_CV_PERCENT
    mark, verdict = ("✓", words.met) if met else ("×", words.missed)
    shown = f"{cv:.0f}" if (float(f"{cv:.0f}") <= STABLE_CV_PERCENT) == met else f"{cv:.1f}"
    earlier = document.figure_before("cv_percent")
    more = _before(document, None if earlier is None else f"{earlier:.0f}%")
    return _Tile(words.cv, f"{shown}%", "", f"{mark} {goal} {verdict}", met, more)


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
