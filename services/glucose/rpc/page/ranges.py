"""Time in ranges: one bar, whose parts fan out into columns with their figures; below, the goals."""

from collections.abc import Sequence

from apricot.glucose.v1.report_pb2 import GlucoseBand, TargetResult

from services.glucose.rpc.page.document import Document
from services.glucose.rpc.page.fonts import Weight, fit
from services.glucose.rpc.page.section import draw_heading
from services.glucose.rpc.page.style import (
    BAND_ORDER,
    BANDS,
    BODY,
    FIGURE,
    HEADLINE,
    INK,
    LEFT,
    MET,
    MISSED,
    MUTED,
    WIDTH,
)
from services.glucose.rpc.page.values import duration, percent

_OUTER_WIDTH = 33.0
_COLUMN_GAP = 3.0
_BAR_HEIGHT, _FAN_HEIGHT = 7.0, 6.0
HEIGHT = 55.0


def draw_ranges(document: Document, top: float) -> None:
    """`HEIGHT` high."""
    sheet, words, scale = document.sheet, document.words, document.scale
    title = words.ranges_of_fingersticks if document.summary.from_fingersticks else words.ranges
    draw_heading(sheet, top + 3, title, f"{words.ranges_note}, {scale.name}")
    bar = top + 6
    columns = _columns()
    shares = {share.band: share for share in document.summary.bands}
    x = LEFT
    for band in BAND_ORDER:
        wide = WIDTH * shares[band].percent / 100 if band in shares else 0.0
        left, right = columns[band]
        foot = bar + _BAR_HEIGHT + _FAN_HEIGHT
        if wide > 0:
            inner = (x, min(x + wide, LEFT + WIDTH))
            sheet.area(
                [(inner[0], bar + _BAR_HEIGHT), (inner[1], bar + _BAR_HEIGHT), (right, foot), (left, foot)], _pale(band)
            )
            sheet.box(x, bar, max(inner[1] - inner[0], 0.15), _BAR_HEIGHT, BANDS[band])
            if x > LEFT:
                sheet.line([(x, bar), (x, bar + _BAR_HEIGHT)], "white", 0.35)
        sheet.box(left, foot, right - left, 1.3, BANDS[band])
        x += wide
        share = shares.get(band)
        big = HEADLINE if band == GlucoseBand.GLUCOSE_BAND_IN_RANGE else FIGURE
        width = right - left
        goal = next((target.goal_percent for target in document.summary.targets if list(target.bands) == [band]), None)
        sheet.text(left, foot + 11.3, percent(share.percent if share else None, goal), big, Weight.BOLD)
        name, size = fit(words.bands[band], width, BODY + 0.6, Weight.BOLD)
        sheet.text(left, foot + 16, name, size, Weight.BOLD)
        sheet.text(left, foot + 19.6, scale.band(band), BODY, colour=MUTED)
        if share:
            text, size = fit(words.a_day.format(duration=duration(share.minutes_per_day, words)), width, BODY)
            if not document.summary.from_fingersticks:
                sheet.text(left, foot + 23.1, text, size, colour=MUTED)
    for target in document.summary.targets:
        _draw_goal(document, target, columns, bar + _BAR_HEIGHT + _FAN_HEIGHT + 28)


def _columns() -> dict[int, tuple[float, float]]:
    """From where to where each band's column goes: the range in the middle is wider."""
    middle = WIDTH - 4 * _OUTER_WIDTH - 4 * _COLUMN_GAP
    found: dict[int, tuple[float, float]] = {}
    x = LEFT
    for band in BAND_ORDER:
        wide = middle if band == GlucoseBand.GLUCOSE_BAND_IN_RANGE else _OUTER_WIDTH
        found[band] = (x, x + wide)
        x += wide + _COLUMN_GAP
    return found


def _draw_goal(document: Document, target: TargetResult, columns: dict[int, tuple[float, float]], y: float) -> None:
    """Under its band; that of several bands one line deeper, under a bracket."""
    sheet, words, scale = document.sheet, document.words, document.scale
    bands: Sequence[int] = sorted(target.bands)
    left, right = columns[bands[0]][0], columns[bands[-1]][1]
    sign = "<" if target.at_most else ">"
    goal = words.goal.format(sign=sign, percent=f"{target.goal_percent:g}%")
    lead = ""
    if len(bands) > 1:
        y += 6.4
        sheet.line([(left, y - 4.6), (left, y - 3.4), (right, y - 3.4), (right, y - 4.6)], INK, 0.2)
        share = percent(target.percent, target.goal_percent)
        if bands[0] == GlucoseBand.GLUCOSE_BAND_VERY_LOW:
            lead = words.below.format(edge=scale.edge(scale.low), percent=share)
        else:
            lead = words.above.format(edge=scale.edge(scale.high), percent=share)
        lead, size = fit(lead, (right - left) / 2, BODY, Weight.BOLD)
        left = sheet.text(left, y, lead, size, Weight.BOLD) + 2.5
    mark, verdict, colour = ("✓", words.met, MET) if target.met else ("×", words.missed, MISSED)
    weight = Weight.REGULAR if target.met else Weight.BOLD
    text, size = fit(f"{mark} {goal} {verdict}", right - left, BODY, weight, least=0.7)
    sheet.text(left, y, text, size, weight, colour)


def _pale(band: int) -> str:
    """A band's colour, mostly paper."""
    colour = BANDS[band].lstrip("#")
    parts = (int(colour[start : start + 2], 16) for start in (0, 2, 4))
    return "#" + "".join(f"{round(255 - (255 - part) * 0.22):02x}" for part in parts)
