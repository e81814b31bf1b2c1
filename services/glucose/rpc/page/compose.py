"""The page from top to bottom."""

from apricot.glucose.v1.report_pb2 import Sufficiency

from services.glucose.rpc.page import figures, ranges, tables
from services.glucose.rpc.page.day_by_day import days_height, draw_days
from services.glucose.rpc.page.document import Document
from services.glucose.rpc.page.fonts import Weight, fit
from services.glucose.rpc.page.header import draw_header
from services.glucose.rpc.page.notes import draw_notes
from services.glucose.rpc.page.profile import draw_profile
from services.glucose.rpc.page.section import draw_heading
from services.glucose.rpc.page.style import HAIRLINE, LEFT, MUTED, NAME, SECTION, WIDTH

_TOP = 11.0
_TABLES_TOP = 229.0
_GAP = 3.5


def compose(document: Document) -> None:
    """Draw everything."""
    top = draw_header(document, _TOP) + _GAP
    if document.summary.sufficiency in (Sufficiency.SUFFICIENCY_EMPTY, Sufficiency.SUFFICIENCY_SINGLE_READING):
        _draw_statement(document, top + 35)
        tables.draw_tables(document, top + 65)
    else:
        ranges.draw_ranges(document, top)
        top += ranges.HEIGHT + 1
        figures.draw_figures(document, top)
        top += figures.HEIGHT + _GAP
        days_top = _TABLES_TOP - 3 - days_height(document)
        draw_profile(document, top, days_top - 3 - top)
        if document.days_count > 1:
            draw_days(document, days_top)
        tables.draw_tables(document, _TABLES_TOP)
    _draw_room(document)
    draw_notes(document)


def _draw_room(document: Document) -> None:
    """Two lines to write on."""
    top = _TABLES_TOP + tables.HEIGHT + 4.5
    draw_heading(document.sheet, top, document.words.room_for_notes)
    for y in (top + 5.5, top + 10.5):
        document.sheet.line([(LEFT, y), (LEFT + WIDTH, y)], HAIRLINE, 0.15)


def _draw_statement(document: Document, y: float) -> None:
    """What there is instead of figures."""
    words, scale, summary = document.words, document.scale, document.summary
    if summary.sufficiency == Sufficiency.SUFFICIENCY_EMPTY:
        statement, hint = words.empty, words.empty_hint
    else:
        value = scale.written(document.figure("mean_mg_per_dl"))
        statement, hint = words.single.format(value=value, unit=scale.name), words.single_hint
    text, size = fit(statement, WIDTH, NAME, Weight.BOLD)
    document.sheet.text(LEFT + WIDTH / 2, y, text, size, Weight.BOLD, align="center")
    text, size = fit(hint, WIDTH, SECTION)
    document.sheet.text(LEFT + WIDTH / 2, y + 7, text, size, colour=MUTED, align="center")
