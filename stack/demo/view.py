"""The ward on a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from clients.readings.alerts import holder
from clients.readings.levels import UNITS, level_of, mg_per_dl, number
from clients.readings.trend import arrow, glucose_of
from stack.demo import layout, palette
from stack.demo.alarms import News, standing
from stack.demo.layout import GAP, Layout
from stack.demo.margins import Surroundings, clock, footer, header, progress_line, rule
from stack.demo.parcel import Mark, Parcel
from stack.demo.sparkline import columns
from stack.demo.talk import Line, Talk
from stack.demo.ward import Row, instant
from stack.demo.words import age, note

_HEADER_LINES = 3  # title, rule, column heads
_AIRY_FROM = 27  # lines
_NEWS_FROM = 34  # lines
_NEWS_LINES = 4
_TALK_FROM = 40  # lines; below, one line alone
_TALK_LINES = 5
_PARCEL_FROM = 30  # lines; below, not at all
_MARKS = {Mark.DONE: ("●", palette.GOOD), Mark.NOW: ("◐", palette.WAITING), Mark.TO_COME: ("○", palette.QUIET)}


@dataclass(frozen=True)
class Scene:
    """What there is to draw."""

    rows: Sequence[Row]
    now: datetime
    around: Surroundings
    faded: bool
    """The connection is lost: values may be old."""
    news: Sequence[News] = ()
    """What happened to alerts, the newest last."""
    talk: Talk | None = None
    """The consultation that goes on; None: there was none yet."""
    parcel: Parcel | None = None
    """The order that is on its way; None: there was none yet."""


def draw(scene: Scene, width: int, height: int) -> RenderableType:
    """The whole picture, at most `height` lines."""
    below = footer(scene.around, width)
    names = [cell_len(row.name) for row in scene.rows]
    airy = height >= _AIRY_FROM
    news = list(scene.news)[-_NEWS_LINES:] if height >= _NEWS_FROM else []
    talk = _talk(scene.talk, width, _TALK_LINES if height >= _TALK_FROM else 1) if scene.talk else []
    parcel = _parcel(scene.parcel, width) if scene.parcel and height >= _PARCEL_FROM else []
    taken = len(below) + airy + (1 + _NEWS_LINES if news else 0)
    taken += sum(1 + len(block) for block in (talk, parcel) if block)
    free = height - _HEADER_LINES - 2 - taken  # two: progress, rule
    plan = layout.plan(width, free, len(scene.rows), max(names, default=0))
    top = [Text()] if airy else []
    lines = [*top, header(scene.around, scene.now, width), rule(width), _heads(plan)]
    for row in scene.rows[: plan.shown]:
        lines += [*_row(row, plan, scene), *[Text()] * plan.gap]
    if hidden := len(scene.rows) - plan.shown:
        lines[-1] = Text(f" and {hidden + 1} more", style=palette.QUIET)
    if news:
        lines += [rule(width), *_news(news, scene.rows, width), *[Text()] * (_NEWS_LINES - len(news))]
    for block in talk, parcel:
        if block:
            lines += [rule(width), *block]
    if scene.around.progress:
        lines.append(progress_line(*scene.around.progress, width))
    return Group(*lines, rule(width), *below)


def _news(news: Sequence[News], rows: Sequence[Row], width: int) -> list[Text]:
    """What happened to alerts lately, the newest on top."""
    names = {row.patient.patient_id: row.name for row in rows}
    longest = max((cell_len(name) for name in names.values()), default=0)
    lines = []
    for one in reversed(news):
        line = Text(" ").append(clock(one.time), style=palette.QUIET).append("  ")
        line.append_text(_cell(names.get(one.patient_id, ""), longest + layout.GAP, "bold"))
        line.append(one.text, style=palette.BAD if one.urgent and one.text.endswith("raised") else "")
        line.truncate(width, overflow="ellipsis")
        lines.append(line)
    return lines


def _talk(talk: Talk, width: int, height: int) -> list[Text]:
    """The consultation, what was said last at the bottom; in one line the last words alone."""
    title = Text(" ").append("consultation  ", style=palette.QUIET)
    if height == 1:
        lines = [title.append_text(_said(line, cell_len(line.who))) for line in list(talk.lines)[-1:]]
    else:
        title.append(talk.patient, style="bold").append(f"  {talk.department} · {talk.state}", style=palette.QUIET)
        if talk.typing:
            title.append(f"  {talk.typing} is typing …", style=palette.QUIET)
        said = list(talk.lines)[1 - height :]
        longest = max((cell_len(line.who) for line in said), default=0)
        lines = [title, *(Text(" ").append_text(_said(line, longest)) for line in said)]
        lines += [Text()] * (height - len(lines))
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines


def _parcel(parcel: Parcel, width: int) -> list[Text]:
    """The order: whose and what, and how far it has come."""
    title = Text(" ").append("order         ", style=palette.QUIET).append(parcel.buyer, style="bold")
    title.append(f"  {parcel.goods}", style="").append(f"  {parcel.pharmacy} · {parcel.price}", style=palette.QUIET)
    way = Text("               ")
    for index, (words, mark) in enumerate(parcel.stations()):
        shape, style = _MARKS[mark]
        way.append(" ── " if index else "", style=palette.QUIET).append(shape, style=style)
        way.append(f" {words}", style=palette.QUIET if mark is Mark.TO_COME else "")
    for line in title, way:
        line.truncate(width, overflow="ellipsis")
    return [title, way]


def _said(line: Line, longest: int) -> Text:
    text = Text().append(clock(line.time), style=palette.QUIET).append("  ")
    return text.append_text(_cell(line.who, longest + GAP if longest else 0, "bold")).append(line.text)


def _heads(plan: Layout) -> Text:
    hours = f"{plan.chart // 12} h of readings" if plan.chart >= 12 else ""
    cells = [
        _cell("", layout.MARK + 1 + plan.word),
        _cell("Patient", plan.name + GAP),
        _cell(" " * layout.NUMBER + " Glucose", layout.VALUE + GAP),
        _cell(hours, plan.chart + GAP),
        _cell("Last entry", plan.note + GAP if plan.note else 0),
        _cell("Age", layout.AGE, right=True),
    ]
    line = Text(" ").append_text(Text().join(cells))
    line.stylize(palette.QUIET)
    return line


def _row(row: Row, plan: Layout, scene: Scene) -> list[Text]:
    """The lines of one patient: words in the first, smaller print in the second, the chart through all."""
    style = mark_style = word_style = palette.QUIET
    if row.level and not scene.faded:
        style, mark_style = palette.LEVELS[row.level], palette.MARK[row.level]
        word_style = style or palette.QUIET
    word, mark = (row.level.text, row.level.mark) if row.level else ("", "")
    first = [
        _cell(mark, layout.MARK + 1, mark_style),
        _cell(word, plan.word, word_style),
        _cell(row.name, plan.name + GAP, "bold"),
        _value(row, style),
    ]
    noted, value = plan.name + GAP + layout.NUMBER, layout.VALUE + GAP - layout.NUMBER
    second = [
        _cell("", layout.MARK + 1 + plan.word),
        _alert_or_note(row, plan, scene, noted),
        _cell("" if plan.word else f" {word}", value, word_style),
    ]
    empty = [_cell("", layout.MARK + 1 + plan.word + noted + value)]
    first_end = [
        _cell("", GAP),
        _cell(_noted(row, scene), plan.note, palette.QUIET),
        _cell("", GAP if plan.note else 0),
        _age(row, scene),
    ]
    lines = []
    for index, chart in enumerate(_chart(row, plan, faded=scene.faded)):
        begin = (first, second, empty)[min(index, 2)]
        lines.append(Text(" ").append_text(Text().join([*begin, chart, *(first_end if index == 0 else [])])))
    return lines


def _alert_or_note(row: Row, plan: Layout, scene: Scene, width: int) -> Text:
    """The second line's first words: the alert, or the last entry where it has no column of its own."""
    if row.alert is None:
        return _cell("" if plan.note else _noted(row, scene), width, palette.QUIET)
    pressing = holder(row.alert) is None and not scene.faded
    mark = palette.ALERT_MARK if holder(row.alert) is None else palette.HELD_MARK
    style = (
        (palette.BAD if row.alert.urgency == ALERT_URGENCY_URGENT else palette.WAITING) if pressing else palette.QUIET
    )
    return _cell(f"{mark} {standing(row.alert)}", width, style)


def _noted(row: Row, scene: Scene) -> str:
    if row.latest_note is None:
        return ""
    return f"{note(row.latest_note)} · {age(scene.now - instant(row.latest_note))}"


def _value(row: Row, style: str) -> Text:
    if row.reading is None:
        return _cell("no reading yet", layout.VALUE + GAP, palette.QUIET)
    glucose = glucose_of(row.reading)
    return Text().join(
        [
            _cell(number(glucose), layout.NUMBER, f"bold {style}", right=True),
            _cell(f" {UNITS[glucose.unit]}", layout.UNIT + 2, palette.QUIET),
            _cell(arrow(row.rate), layout.ARROW + GAP, style),
        ]
    )


def _age(row: Row, scene: Scene) -> Text:
    text = age(scene.now - instant(row.reading)) if row.reading else ""
    return _cell(text, layout.AGE, palette.QUIET, right=True)


def _chart(row: Row, plan: Layout, *, faded: bool) -> list[Text]:
    """The newest readings, one a cell, the newest on the right."""
    glucoses = [glucose_of(reading) for reading in row.readings[-plan.chart :]]
    drawn = columns([mg_per_dl(glucose) for glucose in glucoses], plan.row)
    lines = [Text(" " * (plan.chart - len(drawn))) for _ in range(plan.row)]
    for level, run in groupby(zip(glucoses, drawn, strict=True), key=lambda each: level_of(each[0])):
        style = palette.QUIET if faded else palette.CHART[level]
        for line, blocks in zip(lines, zip(*(column for _, column in run), strict=True), strict=True):
            line.append("".join(blocks), style=style)
    return lines


def _cell(text: str, width: int, style: str = "", *, right: bool = False) -> Text:
    return _fit(Text(text, style=style), width, right=right)


def _fit(text: Text, width: int, *, right: bool = False) -> Text:
    """Exactly so many terminal cells; a Chinese character takes two."""
    text.truncate(width, overflow="ellipsis" if width else "crop")
    missing = width - cell_len(text.plain)
    if right:
        text.pad_left(missing)
    else:
        text.pad_right(missing)
    return text
