"""A field of a day's hours by glucose, and the curves in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.glucose.rpc.page.sheet import Point, Sheet
from services.glucose.rpc.page.style import CURVES, TARGET_TINT
from services.glucose.rpc.page.values import Scale

_MINUTES_A_DAY = 1440
_LONGEST_GAP_MINUTES = 45
"""Over a longer one, no line is drawn."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where minutes of a day and glucose in mg/dL lie on the sheet."""

    left: float
    top: float
    width: float
    height: float
    highest: float
    """At the top; zero is at the bottom, and what lies above is drawn at the top: all pages and days compare."""

    def x(self, minute: float) -> float:
        return self.left + self.width * minute / _MINUTES_A_DAY

    def y(self, mg_per_dl: float) -> float:
        return self.top + self.height * (1 - min(max(mg_per_dl, 0.0), self.highest) / self.highest)

    @property
    def bottom(self) -> float:
        return self.top + self.height


def draw_target(sheet: Sheet, field: Field, scale: Scale) -> None:
    """The target range as a band."""
    low, high = scale.low * scale.mg_per_dl, scale.high * scale.mg_per_dl
    sheet.box(field.left, field.y(high), field.width, field.y(low) - field.y(high), TARGET_TINT)


def draw_curve(sheet: Sheet, field: Field, scale: Scale, minutes: Sequence[int], values: Sequence[float]) -> None:
    """A day's readings: the parts out of range in their bands' colours."""
    by_colour: dict[str, list[list[Point]]] = {}
    for before, after, first, last in zip(minutes, minutes[1:], values, values[1:], strict=False):
        if 0 <= after - before <= _LONGEST_GAP_MINUTES:
            colour = _colour(scale, (first + last) / 2)
            points = [(field.x(before), field.y(first)), (field.x(after), field.y(last))]
            runs = by_colour.setdefault(colour, [])
            if runs and runs[-1][-1] == points[0]:
                runs[-1].append(points[1])
            else:
                runs.append(points)
    segments = [(run, colour) for colour, runs in by_colour.items() for run in runs]
    if segments:
        sheet.lines([run for run, _ in segments], [colour for _, colour in segments], 0.28)
    draw_lone_dots(sheet, field, scale, minutes, values)


def draw_lone_dots(sheet: Sheet, field: Field, scale: Scale, minutes: Sequence[int], values: Sequence[float]) -> None:
    """Readings that no line holds."""
    by_colour: dict[str, list[Point]] = {}
    far = _LONGEST_GAP_MINUTES + 1
    steps = [far, *(after - before for before, after in pairwise(minutes)), far]
    for minute, value, before, after in zip(minutes, values, steps, steps[1:], strict=False):
        if before > _LONGEST_GAP_MINUTES and after > _LONGEST_GAP_MINUTES:
            by_colour.setdefault(_colour(scale, value), []).append((field.x(minute), field.y(value)))
    for colour, points in by_colour.items():
        sheet.dots(points, colour, 0.9)


def _colour(scale: Scale, mg_per_dl: float) -> str:
    return CURVES[scale.band_of(mg_per_dl)]
