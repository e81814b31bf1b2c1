"""The last row: episodes, a day's diary, more figures."""

from typing import NamedTuple

from apricot.glucose.v1.report_pb2 import DaySummary, GlucoseBand

from services.glucose.rpc.page.document import Document
from services.glucose.rpc.page.fonts import fit, width_mm
from services.glucose.rpc.page.section import draw_heading
from services.glucose.rpc.page.style import BODY, HAIRLINE, LEFT, MUTED, WIDTH
from services.glucose.rpc.page.values import DASH, amount, duration, number, percent


class Row(NamedTuple):
    """A figure with its name."""

    label: str
    value: str
    part: bool = False
    """Whether it is a part of the row above."""


_GAP = 8.0
_INDENT = 2.5
_PITCH = 4.0
_ROWS = 6
_WEEK_MINUTES = 7 * 1440
HEIGHT = 5.5 + _PITCH * _ROWS
_LOW = {GlucoseBand.GLUCOSE_BAND_VERY_LOW, GlucoseBand.GLUCOSE_BAND_LOW}


def draw_tables(document: Document, top: float) -> None:
    """`HEIGHT` high."""
    words = document.words
    wide = (WIDTH - 2 * _GAP) / 3
    tables = ((words.episodes, _episodes(document)), (words.diary, _diary(document)), (words.more, _more(document)))
    for at, (title, rows) in enumerate(tables):
        x = LEFT + at * (wide + _GAP)
        draw_heading(document.sheet, top + 3, title, x=x, width=wide)
        for place, row in enumerate(rows[:_ROWS]):
            y = top + 8.0 + place * _PITCH
            value, size = fit(row.value, wide * 0.62, BODY, least=0.7)
            document.sheet.text(x + wide, y, value, size, align="right")
            indent = _INDENT if row.part else 0.0
            label, size = fit(row.label, wide - width_mm(value, size) - indent - 1.5, BODY, least=0.7)
            document.sheet.text(x + indent, y, label, size, colour=MUTED)
            document.sheet.line([(x, y + 1.1), (x + wide, y + 1.1)], HAIRLINE, 0.1)


def _episodes(document: Document) -> list[Row]:
    words, scale, events = document.words, document.scale, document.summary.events
    lows = [event for event in events if event.band in _LOW]
    very_lows = [event for event in lows if event.band == GlucoseBand.GLUCOSE_BAND_VERY_LOW]
    very_highs = [event for event in events if event.band == GlucoseBand.GLUCOSE_BAND_VERY_HIGH]
    longest = duration(max(event.unbroken_minutes for event in lows), words) if lows else DASH
    known = document.summary.readings_count > 1 and not document.summary.from_fingersticks

    def count(n: int) -> str:
        return str(n) if known else DASH

    def with_rate(n: int) -> str:
        weeks = document.summary.recorded_minutes / _WEEK_MINUTES
        return words.a_week.format(n=n, rate=amount(n / weeks)) if known and n and weeks else count(n)

    return [
        Row(words.lows.format(edge=scale.edge(scale.low)), with_rate(len(lows))),
        Row(words.very_lows.format(edge=scale.edge(scale.very_low)), count(len(very_lows)), part=True),
        Row(words.nocturnal, count(sum(event.nocturnal for event in lows)), part=True),
        Row(words.longest, longest, part=True),
        Row(words.extended, count(sum(event.extended for event in lows)), part=True),
        Row(words.very_highs.format(edge=scale.edge(scale.very_high)), with_rate(len(very_highs))),
    ]


def _diary(document: Document) -> list[Row]:
    words = document.words
    days = document.summary.days
    insulin_days = [day for day in days if _insulin(day)]
    insulin = sum(_insulin(day) for day in insulin_days)
    rows = [Row(words.insulin, words.units.format(amount=amount(insulin / len(insulin_days))) if insulin else DASH)]
    for total in document.summary.totals.insulin:
        units = float(total.amount_units.value or 0)
        if insulin and units and len(document.summary.totals.insulin) > 1:
            share = words.share.format(amount=amount(units / len(insulin_days)), percent=percent(100 * units / insulin))
            rows.append(Row(words.insulin_kinds[total.kind], share, part=True))
    meal_days = [day.totals for day in days if day.totals.meals_count]
    exercise_days = [day.totals for day in days if day.totals.exercise_minutes]
    grams = sum(totals.carbohydrate_g for totals in meal_days)
    meals = sum(totals.meals_count for totals in meal_days)
    minutes = sum(totals.exercise_minutes for totals in exercise_days)
    return [
        *rows,
        Row(words.carbohydrate, words.grams.format(amount=amount(grams / len(meal_days))) if meal_days else DASH),
        Row(words.meals, amount(meals / len(meal_days)) if meal_days else DASH),
        Row(words.exercise, duration(minutes / len(exercise_days), words) if exercise_days else DASH),
    ]


def _insulin(day: DaySummary) -> float:
    return sum(float(total.amount_units.value or 0) for total in day.totals.insulin)


def _more(document: Document) -> list[Row]:
    words, scale, pairs = document.words, document.scale, document.summary.fingersticks
    lowest, highest = (scale.written(document.figure(name)) for name in ("min_mg_per_dl", "max_mg_per_dl"))
    ea1c, lbgi, hbgi = (document.figure(name) for name in ("ea1c_percent", "lbgi", "hbgi"))
    difference = DASH
    if pairs.pairs_count and pairs.HasField("mean_difference_mg_per_dl"):
        mard = percent(pairs.mard_percent if pairs.HasField("mard_percent") else None)
        difference = words.pairs.format(
            difference=scale.written(pairs.mean_difference_mg_per_dl, signed=True), mard=mard, n=pairs.pairs_count
        )
    return [
        Row(words.spread, scale.written(document.figure("median_mg_per_dl"))),
        Row(words.lowest_highest, DASH if lowest == DASH else f"{lowest} – {highest}"),
        Row(words.ea1c, DASH if ea1c is None else f"{ea1c:.1f}%"),
        Row(words.risk_indices, f"{number(lbgi, 1)}  ·  {number(hbgi, 1)}"),
        Row(words.fingersticks, difference),
    ]
