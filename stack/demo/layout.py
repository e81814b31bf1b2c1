"""How the ward's rows share a terminal, from 80 cells on and however high."""

from dataclasses import dataclass

GAP = 2
MARK, WORD, NUMBER, UNIT, ARROW, AGE = 2, 9, 4, 6, 2, 6
VALUE = NUMBER + 1 + UNIT + 1 + ARROW
_LEAST_CHART, _MOST_CHART = 36, 100  # readings: 3 h, 8 h
_LEAST_NOTE, _MOST_NOTE = 26, 40
_WORD_FROM = 96  # cells: narrower, the word stands below the value
_HIGHEST_ROW = 4


@dataclass(frozen=True)
class Layout:
    """Cells and lines; `word` and `note` are 0 where they have no column of their own."""

    word: int
    name: int
    chart: int
    note: int
    row: int
    gap: int
    """Empty lines between rows."""
    shown: int
    """Rows that fit."""


def plan(width: int, lines: int, rows: int, name: int) -> Layout:
    """For `rows` patients, the longest name of `name` cells, in `lines` lines."""
    name = min(max(name, 12), 26)
    word = WORD + 1 if width >= _WORD_FROM else 0
    free = width - 2 - MARK - 1 - word - name - VALUE - AGE - 3 * GAP
    with_note = free - GAP - _LEAST_NOTE
    chart = min(with_note if with_note >= _LEAST_CHART else free, _MOST_CHART)
    note = min(free - GAP - chart, _MOST_NOTE) if with_note >= _LEAST_CHART else 0
    pitch = max(1, lines // max(1, rows))
    row = min(pitch if pitch <= 2 else pitch - 1, _HIGHEST_ROW)
    return Layout(word, name, chart, note, row, gap=min(1, pitch - row), shown=min(rows, max(0, lines) // pitch))
