"""Who, when, and how far the readings carry."""

from datetime import date, time

from apricot.glucose.v1.report_pb2 import Sufficiency, TargetPreset

from services.glucose.rpc.page.document import Document
from services.glucose.rpc.page.fonts import MM_PER_POINT, Weight, fit, printable, wrap
from services.glucose.rpc.page.style import (
    BODY,
    INK,
    LEFT,
    MET,
    MISSED,
    MUTED,
    NAME,
    RIGHT,
    SECTION,
    SMALL,
    WARNING_TINT,
    WIDTH,
)
from services.glucose.rpc.page.values import amount, day, moment, percent

_YEAR_DIGITS = 4
_DATA_WIDTH = 62.0
_SMALL_NAMES = (8.5, 7.5, 6.5)
"""Points."""
_LEADING_MM = 1.25 * MM_PER_POINT
"""From line to line, for each point of size."""


def draw_header(document: Document, top: float) -> float:
    """Returns where it ends."""
    sheet, words, options = document.sheet, document.words, document.options
    room = WIDTH - _DATA_WIDTH - 4
    sheet.text(LEFT, top + 2.5, words.title, SMALL, Weight.BOLD, MUTED)
    name = printable(options.patient_name)
    lines, size = _name_lines(name or words.no_name, room)
    for above, line in zip(reversed(range(len(lines))), lines, strict=True):
        sheet.text(LEFT, top + 10.8 - above * size * _LEADING_MM, line, size, colour=INK if name else MUTED)
    window, size = fit(f"{_window(document)}  ·  {document.days_written()}", room, BODY + 1.4, least=0.7)
    sheet.text(LEFT, top + 19.2, window, size)
    identity, size = fit(_identity(document), room, BODY, least=0.7)
    sheet.text(LEFT, top + 15.0, identity, size)
    preset = words.presets[document.summary.preset or TargetPreset.TARGET_PRESET_ADULT]
    zone = document.summary.time_zone or "UTC"
    line, size = fit(f"{zone}  ·  {preset}", room, BODY, least=0.7)
    sheet.text(LEFT, top + 23.2, line, size, colour=MUTED)
    _draw_data(document, top)
    sheet.line([(LEFT, top + 25.5), (RIGHT, top + 25.5)], INK, 0.3)
    return _draw_warning(document, top + 25.5)


def _identity(document: Document) -> str:
    """Date of birth and record number; what is unknown is said to be."""
    words, options = document.words, document.options
    born = options.birth_date
    if len(born) > _YEAR_DIGITS:
        born = day(date.fromisoformat(born), words)
    number = printable(options.record_number)
    return "  ·  ".join(
        (
            words.born.format(date=born) if born else words.birth_unknown,
            words.record.format(number=number) if number else words.record_unknown,
        )
    )


def _name_lines(name: str, room: float) -> tuple[list[str], float]:
    """A name on one line or, when it is very long, in small type on two: a name is not cut while that can be helped."""
    text, size = fit(name, room, NAME, least=0.6)
    if text == name:
        return [text], size
    for small in _SMALL_NAMES:
        lines = wrap(name, room, small)
        if len(lines) <= 2:
            return lines, small
    return [text], size


def _window(document: Document) -> str:
    start, end, words = document.start, document.end, document.words
    if start.time() == end.time() == time():
        first, last = day(document.first_day, words), day(document.last_day, words)
        return first if first == last else f"{first} – {last}"
    since, until = (day if at.time() == time() else moment for at in (start, end))
    return f"{since(start, words)} – {until(end, words)}"


def _draw_data(document: Document, top: float) -> None:
    """How much data: the verdict first, then what it rests on."""
    sheet, words, summary = document.sheet, document.words, document.summary
    enough = summary.sufficiency == Sufficiency.SUFFICIENCY_SUFFICIENT
    verdict = words.sufficiency.get(summary.sufficiency, words.sufficiency[Sufficiency.SUFFICIENCY_SPARSE])
    if summary.from_fingersticks:
        how = words.fingersticks_only
    else:
        how = words.active.format(percent=percent(summary.active_percent))
        if summary.sensors:
            how = words.sensor.format(how=how, model=printable(summary.sensors[0].partition("/")[0]))
    if summary.recorded_minutes:
        recorded = amount(summary.recorded_minutes / 1440)
        lines = [words.days_recorded.format(n=recorded, days=amount(document.length_days))]
    else:
        dates = min(summary.days_count, max(1, round(document.length_days)))
        lines = [words.days_with_readings.format(n=dates, days=amount(document.length_days))]
    count = f"{summary.readings_count:,}"
    if summary.readings_count == 1:
        lines.append(words.one_reading)
    elif summary.from_fingersticks or not summary.readings_count:
        lines.append(words.readings.format(n=count))
    else:
        lines.append(words.readings_every.format(n=count, minutes=summary.interval_minutes))
    sheet.text(RIGHT, top + 10.5, verdict, SECTION + 2.5, Weight.BOLD, MET if enough else MISSED, "right")
    for y, line, colour in zip((14.8, 18.2, 21.4), (how, *lines), (INK, MUTED, MUTED), strict=True):
        text, size = fit(line, _DATA_WIDTH, BODY, least=0.6)
        sheet.text(RIGHT, top + y, text, size, colour=colour, align="right")
    if document.options.made_at:
        made = words.made_at.format(time=moment(document.options.made_at.astimezone(document.zone), words))
        sheet.text(RIGHT, top + 2.5, made, SMALL, colour=MUTED, align="right")


def _draw_warning(document: Document, top: float) -> float:
    words, summary = document.words, document.summary
    warnings = []
    if summary.from_fingersticks:
        warnings.append(words.fingerstick_warning)
    if summary.sufficiency == Sufficiency.SUFFICIENCY_SPARSE:
        warnings.append(words.sparse_warning)
    y = top
    for warning in warnings:
        document.sheet.box(LEFT, y + 1.5, WIDTH, 5.2, WARNING_TINT)
        text, size = fit(warning, WIDTH - 4, BODY)
        document.sheet.text(LEFT + 2, y + 5.0, text, size, Weight.BOLD)
        y += 5.9
    return y + (1.0 if warnings else 0.0)
