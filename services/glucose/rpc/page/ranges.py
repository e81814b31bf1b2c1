"""Time in ranges: one bar, whose parts fan out into columns with their figures; below, the goals."""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta

from apricot.glucose.v1.report_pb2 import BandShare, GlucoseBand, TargetResult

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
from services.glucose.rpc.page.values import day, duration, percent

type Span = tuple[float, float]
"""From where to where, in mm."""

_OUTER_WIDTH = 33.0
_COLUMN_GAP = 3.0
_BAR_HEIGHT, _FAN_HEIGHT = 6.0, 3.5
_THINNEST = 0.15
HEIGHT = 53.5


def draw_ranges(document: Document, top: float) -> None:
    """`HEIGHT` high."""
    words, summary = document.words, document.summary
    title = words.ranges_of_fingersticks if summary.from_fingersticks else words.ranges
    notes = [words.ranges_note, document.scale.name, _compared(document)]
    draw_heading(document.sheet, top + 3, title, words.list_comma.join(note for note in notes if note))
    columns = _columns()
    shares: dict[int, BandShare] = {share.band: share for share in summary.bands}
    _draw_bar(document, shares, columns, top + 6)
    foot = top + 6 + _BAR_HEIGHT + _FAN_HEIGHT
    for band in BAND_ORDER:
        _draw_column(document, band, shares.get(band), columns[band], foot)
    for target in summary.targets:
        _draw_goal(document, target, columns, foot + 31)


def _draw_bar(document: Document, shares: Mapping[int, BandShare], columns: Mapping[int, Span], top: float) -> None:
    """Each band as wide as its share, fanning out to the head of its column."""
    sheet, x = document.sheet, LEFT
    bottom = top + _BAR_HEIGHT
    for band in (band for band in BAND_ORDER if band in shares and shares[band].percent > 0):
        end = min(x + WIDTH * shares[band].percent / 100, LEFT + WIDTH)
        left, right = columns[band]
        head = bottom + _FAN_HEIGHT
        sheet.area([(x, bottom), (end, bottom), (right, head), (left, head)], _pale(band))
        sheet.box(x, top, max(end - x, _THINNEST), _BAR_HEIGHT, BANDS[band])
        if x > LEFT:
            sheet.line([(x, top), (x, bottom)], "white", 0.35)
        x = end


def _draw_column(document: Document, band: int, share: BandShare | None, span: Span, top: float) -> None:
    """Percent, name, span and minutes of a band."""
    sheet, words, summary = document.sheet, document.words, document.summary
    left, width = span[0], span[1] - span[0]
    sheet.box(left, top, width, 1.3, BANDS[band])
    goal = next((target.goal_percent for target in summary.targets if list(target.bands) == [band]), None)
    size = HEADLINE if band == GlucoseBand.GLUCOSE_BAND_IN_RANGE else FIGURE
    sheet.text(left, top + 11.3, percent(share.percent if share else None, goal), size, Weight.BOLD)
    name, size = fit(words.bands[band], width, BODY + 0.6, Weight.BOLD)
    sheet.text(left, top + 16, name, size, Weight.BOLD)
    sheet.text(left, top + 19.6, document.scale.band(band), BODY, colour=MUTED)
    if share and not summary.from_fingersticks:
        text, size = fit(words.a_day.format(duration=duration(share.minutes_per_day, words)), width, BODY)
        sheet.text(left, top + 23.1, text, size, colour=MUTED)
    earlier: dict[int, float] = (
        {found.band: found.percent for found in document.before.bands} if document.before else {}
    )
    if band in earlier:
        text, size = fit(words.before.format(value=percent(earlier[band])), width, BODY)
        sheet.text(left, top + 26.6, text, size, colour=MUTED)


def _compared(document: Document) -> str:
    """With which period it is compared."""
    words, before = document.words, document.before
    if before is None:
        return ""
    if before.readings_count < 2:
        return words.not_compared
    start, end = (at.ToDatetime(UTC).astimezone(document.zone) for at in (before.start_time, before.end_time))
    last = (end - timedelta(microseconds=1)).date()
    return words.compared.format(start=day(start.date(), words), end=day(last, words))


def _columns() -> dict[int, Span]:
    """From where to where each band's column goes: the range in the middle is wider."""
    middle = WIDTH - 4 * _OUTER_WIDTH - 4 * _COLUMN_GAP
    found: dict[int, Span] = {}
    x = LEFT
    for band in BAND_ORDER:
        wide = middle if band == GlucoseBand.GLUCOSE_BAND_IN_RANGE else _OUTER_WIDTH
        found[band] = (x, x + wide)
        x += wide + _COLUMN_GAP
    return found


def _draw_goal(document: Document, target: TargetResult, columns: Mapping[int, Span], y: float) -> None:
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
