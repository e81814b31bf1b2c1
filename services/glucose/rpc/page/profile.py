"""The daily profile: percentiles by time of day."""

from collections.abc import Sequence

from apricot.glucose.v1.report_pb2 import GlucoseBand, ProfileBin

from services.glucose.rpc.page.document import Document
from services.glucose.rpc.page.fonts import Weight, fit, width_mm
from services.glucose.rpc.page.plot import Field, draw_curve, draw_target
from services.glucose.rpc.page.section import draw_heading
from services.glucose.rpc.page.sheet import Point
from services.glucose.rpc.page.style import (
    BAND_ORDER,
    BANDS,
    BODY,
    HAIRLINE,
    INK,
    INNER_TINT,
    LEFT,
    LINE,
    LOW_TINT,
    MISSED,
    MUTED,
    OUTER_TINT,
    RIGHT,
    SMALL,
    TARGET_TINT,
    WIDTH,
)
from services.glucose.rpc.page.values import percent

_AXIS_WIDTH = 9.0
_BIN_MINUTES = 15


def draw_profile(document: Document, top: float, height: float) -> None:
    """In the height given."""
    sheet, words, scale = document.sheet, document.words, document.scale
    runs = _runs(document.bins)
    readings = [value for day in document.days for value in day.values_mg_per_dl] if not runs else []
    if runs:
        note = words.profile_note.format(unit=scale.name, days=document.days_written())
    else:
        note = words.profile_too_few if readings else words.profile_none
    draw_heading(sheet, top + 3, words.profile, note, width=WIDTH - (70 if runs else 0))
    field = Field(LEFT + _AXIS_WIDTH, top + 6.5, WIDTH - _AXIS_WIDTH, height - 19, scale.top_mg_per_dl)
    draw_target(sheet, field, scale)
    for run in runs:
        _draw_band(document, field, run, "p05", "p95", OUTER_TINT)
        _draw_band(document, field, run, "p25", "p75", INNER_TINT)
        _draw_lows(document, field, run)
    _draw_axes(document, field)
    for run in runs:
        sheet.line([(field.x(minute), field.y(bin_.smoothed.p50)) for minute, bin_ in _stations(run)], LINE, 0.55)
    if not runs:
        for day in document.days:
            draw_curve(sheet, field, scale, day.minutes_of_day, day.values_mg_per_dl)
    else:
        _draw_key(document, top + 3)
    _draw_quarters(document, field)


def _runs(bins: Sequence[ProfileBin]) -> list[list[ProfileBin]]:
    """The bins that have percentiles, in unbroken runs."""
    runs: list[list[ProfileBin]] = []
    for bin_ in sorted(bins, key=lambda bin_: bin_.minute_of_day):
        if not bin_.HasField("smoothed"):
            continue
        if runs and runs[-1][-1].minute_of_day + _BIN_MINUTES == bin_.minute_of_day:
            runs[-1].append(bin_)
        else:
            runs.append([bin_])
    return runs


def _stations(run: list[ProfileBin]) -> list[tuple[float, ProfileBin]]:
    """Each bin at its middle; the first and last reach to the ends of theirs."""
    middles = [(bin_.minute_of_day + _BIN_MINUTES / 2, bin_) for bin_ in run]
    return [(run[0].minute_of_day, run[0]), *middles, (run[-1].minute_of_day + _BIN_MINUTES, run[-1])]


def _draw_band(document: Document, field: Field, run: list[ProfileBin], low: str, high: str, colour: str) -> None:
    stations = _stations(run)
    below: list[Point] = [(field.x(minute), field.y(getattr(bin_.smoothed, low))) for minute, bin_ in stations]
    above: list[Point] = [(field.x(minute), field.y(getattr(bin_.smoothed, high))) for minute, bin_ in stations]
    document.sheet.area(below + above[::-1], colour)


def _draw_lows(document: Document, field: Field, run: list[ProfileBin]) -> None:
    """What of the bands lies below the range, in the colours of lows."""
    scale = document.scale
    parts = (("p05", "p95", LOW_TINT), ("p25", "p75", BANDS[GlucoseBand.GLUCOSE_BAND_LOW]))
    edge = scale.low * scale.mg_per_dl
    for low, high, colour in parts:
        stations = [
            (field.x(minute), getattr(bin_.smoothed, low), getattr(bin_.smoothed, high))
            for minute, bin_ in _stations(run)
        ]
        below: list[Point] = [(x, field.y(min(bottom, edge))) for x, bottom, _ in stations]
        above: list[Point] = [(x, field.y(min(top, edge))) for x, _, top in stations]
        document.sheet.area(below + above[::-1], colour)


def _draw_quarters(document: Document, field: Field) -> None:
    """What each quarter of the day holds, under its hours."""
    words, scale = document.words, document.scale
    for period in document.summary.periods:
        if not period.bands:
            continue
        shares: dict[int, float] = {share.band: share.percent for share in period.bands}
        below = shares[GlucoseBand.GLUCOSE_BAND_VERY_LOW] + shares[GlucoseBand.GLUCOSE_BAND_LOW]
        above = shares[GlucoseBand.GLUCOSE_BAND_HIGH] + shares[GlucoseBand.GLUCOSE_BAND_VERY_HIGH]
        text = words.quarter_shares.format(
            low=scale.edge(scale.low),
            high=scale.edge(scale.high),
            below=percent(below),
            inside=percent(shares[GlucoseBand.GLUCOSE_BAND_IN_RANGE]),
            above=percent(above),
        )
        left, right = field.x(period.start_minute), field.x(period.start_minute + 360)
        x, y = left + 0.5, field.bottom + 5.0
        for band in BAND_ORDER:
            wide = (right - left - 1.0) * shares[band] / 100
            document.sheet.box(x, y, wide, 1.8, BANDS[band])
            x += wide
        text, size = fit(text, right - left - 1.0, SMALL, least=0.6)
        document.sheet.text((left + right) / 2, y + 5.0, text, size, colour=MUTED, align="center")


def _draw_axes(document: Document, field: Field) -> None:
    sheet, scale = document.sheet, document.scale
    for hour in range(0, 25, 3):
        x = field.x(hour * 60)
        sheet.line([(x, field.top), (x, field.bottom)], HAIRLINE, 0.1)
        align = "left" if hour == 0 else "right" if hour == 24 else "center"
        sheet.text(x, field.bottom + 3.5, f"{hour:02d}:00", SMALL, colour=MUTED, align=align)  # type: ignore[arg-type]
    for edge in (scale.low, scale.high):
        y = field.y(edge * scale.mg_per_dl)
        sheet.line([(field.left, y), (RIGHT, y)], INK, 0.22)
        baseline = y + (0.2 if edge == scale.low else 0.9)
        sheet.text(field.left - 1.5, baseline, scale.edge(edge), BODY, Weight.BOLD, align="right")
    for value in (scale.very_high, scale.value(field.highest)):
        y = field.y(value * scale.mg_per_dl)
        sheet.line([(field.left, y), (RIGHT, y)], MUTED, 0.12, dashed=value == scale.very_high)
        sheet.text(field.left - 1.5, y + 0.9, scale.edge(value), SMALL, colour=MUTED, align="right")
    y = field.y(scale.very_low * scale.mg_per_dl)
    sheet.line([(field.left, y), (RIGHT, y)], MISSED, 0.15, dashed=True)
    sheet.text(field.left - 1.5, y + 2.6, scale.edge(scale.very_low), SMALL, colour=MISSED, align="right")
    sheet.line([(field.left, field.bottom), (RIGHT, field.bottom)], MUTED, 0.15)


def _draw_key(document: Document, y: float) -> None:
    sheet, words = document.sheet, document.words
    x = RIGHT
    for text, colour in (
        (words.target_range, TARGET_TINT),
        (words.outer_band, OUTER_TINT),
        (words.inner_band, INNER_TINT),
        (words.median, LINE),
    ):
        sheet.text(x, y, text, SMALL, colour=MUTED, align="right")
        x -= width_mm(text, SMALL) + 5.5
        if text == words.median:
            sheet.line([(x, y - 0.8), (x + 4.3, y - 0.8)], colour, 0.55)
        else:
            sheet.box(x, y - 1.9, 4.3, 2.3, colour)
        x -= 3
