"""The last fortnight, a small picture a day."""

from datetime import date, timedelta

from apricot.glucose.v1.report_pb2 import DayCurve, DaySummary, GlucoseBand

from services.glucose.rpc.page.document import Document
from services.glucose.rpc.page.fonts import Weight, fit
from services.glucose.rpc.page.plot import Field, draw_curve, draw_target
from services.glucose.rpc.page.section import draw_heading
from services.glucose.rpc.page.style import HAIRLINE, LEFT, MUTED, NOTE, SMALL, WIDTH
from services.glucose.rpc.page.values import amount, percent

MOST_DAYS = 14
_COLUMNS = 7
_GAP = 2.4
_ROW_HEIGHT = 22.0
_CURVE_HEIGHT = 11.5
_AXIS_WIDTH = 6.5


def days_height(document: Document) -> float:
    """As high as its rows need; a single day is in the profile already."""
    if document.days_count == 1:
        return 0.0
    shown = min(MOST_DAYS, document.days_count)
    return 5.0 + _ROW_HEIGHT * -(-shown // _COLUMNS)


def draw_days(document: Document, top: float) -> None:
    """`days_height` high."""
    words = document.words
    shown = _shown(document)
    note = words.day_key
    if document.days_count > len(shown):
        last = words.last_days.format(n=len(shown))
        note = last + words.list_comma + note
    draw_heading(document.sheet, top + 3, words.day_by_day, note)
    curves = {curve.local_date: curve for curve in document.days}
    summaries = {summary.local_date: summary for summary in document.summary.days}
    wide = (WIDTH - _AXIS_WIDTH - (_COLUMNS - 1) * _GAP) / _COLUMNS
    for at, day in enumerate(shown):
        row, column = divmod(at, _COLUMNS)
        left = LEFT + _AXIS_WIDTH + column * (wide + _GAP)
        field = Field(left, top + 9.2 + row * _ROW_HEIGHT, wide, _CURVE_HEIGHT, document.scale.top_mg_per_dl)
        if column == 0:
            _draw_edges(document, field)
        curve = curves.get(day.isoformat())
        summary = summaries.get(day.isoformat())
        _draw_day(document, field, day, curve, summary)


def _shown(document: Document) -> list[date]:
    """The window's last days; when nothing was logged on them, those up to the last day with something."""
    last = document.last_day
    first = max(document.first_day, last - timedelta(days=MOST_DAYS - 1))
    logged = [date.fromisoformat(day.local_date) for day in document.days]
    if logged and max(logged) < first:
        last = max(logged)
        first = max(document.first_day, last - timedelta(days=MOST_DAYS - 1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _draw_day(document: Document, field: Field, day: date, curve: DayCurve | None, summary: DaySummary | None) -> None:
    sheet, words, scale = document.sheet, document.words, document.scale
    weekend = day.weekday() >= 5
    label = words.weekday_and_day.format(weekday=words.weekdays[day.weekday()], day=day.day)
    sheet.text(field.left, field.top - 1.1, label, SMALL, Weight.BOLD if weekend else Weight.REGULAR)
    in_range = _in_range(summary)
    if in_range is not None:
        sheet.text(field.left + field.width, field.top - 1.1, percent(in_range), SMALL, Weight.BOLD, align="right")
    draw_target(sheet, field, scale)
    noon = field.x(720)
    sheet.line([(noon, field.top), (noon, field.bottom)], HAIRLINE, 0.15)
    for hour, x, align in ((0, field.left, "left"), (12, noon, "center"), (24, field.left + field.width, "right")):
        sheet.text(x, field.bottom + 2.2, f"{hour}", NOTE, colour=MUTED, align=align)  # type: ignore[arg-type]
    sheet.line([(field.left, field.bottom), (field.left + field.width, field.bottom)], HAIRLINE, 0.15)
    if curve and curve.minutes_of_day:
        draw_curve(sheet, field, scale, curve.minutes_of_day, curve.values_mg_per_dl)
    else:
        text, size = fit(words.no_readings, field.width, NOTE)
        middle = (field.left + field.width / 2, field.top + field.height / 2)
        sheet.text(*middle, text, size, colour=MUTED, align="center")
    totals = _totals(document, summary)
    if totals:
        text, size = fit(totals, field.width, SMALL, least=0.75)
        sheet.text(field.left, field.bottom + 5.0, text, size, colour=MUTED)


def _draw_edges(document: Document, field: Field) -> None:
    """The edges of the range, beside the first day of a row."""
    scale = document.scale
    for edge in (scale.low, scale.high):
        y = field.y(edge * scale.mg_per_dl)
        document.sheet.text(field.left - 1, y + 0.8, scale.edge(edge), NOTE, colour=MUTED, align="right")


def _in_range(summary: DaySummary | None) -> float | None:
    bands = summary.bands if summary else ()
    return next((share.percent for share in bands if share.band == GlucoseBand.GLUCOSE_BAND_IN_RANGE), None)


def _totals(document: Document, summary: DaySummary | None) -> str:
    if summary is None:
        return ""
    words, totals = document.words, summary.totals
    insulin = sum(float(total.amount_units.value or 0) for total in totals.insulin)
    parts = []
    if totals.carbohydrate_g or totals.meals_count:
        parts.append(words.carbohydrate_short.format(amount=f"{totals.carbohydrate_g:.0f}"))
    if insulin:
        parts.append(words.insulin_short.format(amount=amount(insulin)))
    return "  ".join(parts)
