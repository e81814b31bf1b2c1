"""Draws a lane with hundreds of marks in sight: no words, and a few calls of the painter for all of them."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from clients.clinician.views.patient.frame import Frame
from clients.clinician.views.patient.lane import LANE_PIXELS, Lane
from clients.clinician.views.patient.strokes import Floats, fine_pen, points, segments
from clients.clinician.views.theme import theme

_DOT_PIXELS = 3.0
_ALERT_ROWS = {False: 2, True: 4}
"""Pixels above and below the middle: an urgent one is higher."""


def paint_crowd(painter: QPainter, frame: Frame, rect: QRectF, lane: Lane, found: NDArray[np.intp]) -> None:
    """Amounts as bars, what lasts as lines, the rest as dots."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    begins, ends = frame.xs(lane.begins[found]), frame.xs(np.minimum(lane.ends[found], frame.now))
    told_apart, bottom, middle = lane.told_apart[found], rect.bottom() - 2, rect.center().y()
    tops = bottom - np.clip(lane.shares[found], 0.1, 1.0) * (LANE_PIXELS - 6)
    match lane.kind:
        case "meal":
            _bars(painter, theme().muted, begins, tops, bottom)
        case "insulin_dose":
            _bars(painter, theme().accent, begins[~told_apart], tops[~told_apart], bottom)
            _dots(painter, theme().accent, begins[told_apart], tops[told_apart])  # basal
        case "exercise":
            _lines(painter, theme().good, begins, ends, middle, 3)
        case "alert":
            for urgent, rows in _ALERT_ROWS.items():
                of_it = told_apart == urgent
                _lines(painter, theme().urgent if urgent else theme().warning, begins[of_it], ends[of_it], middle, rows)
        case _:
            _dots(painter, theme().muted, begins, np.full(len(begins), middle))


def _bars(painter: QPainter, colour: str, x: Floats, tops: Floats, bottom: float) -> None:
    painter.setPen(fine_pen(colour))
    for beside in _steps(painter, 0, 2):
        segments(painter, (x + beside, tops), (x + beside, np.full(len(x), bottom)))


def _lines(painter: QPainter, colour: str, begins: Floats, ends: Floats, middle: float, rows: int) -> None:
    painter.setPen(fine_pen(colour))
    for row in _steps(painter, -rows, rows):
        y = np.full(len(begins), middle + row)
        segments(painter, (begins, y), (np.maximum(ends, begins + 1), y))


def _steps(painter: QPainter, first: int, last: int) -> Floats:
    """From a pixel up to another, by pixels of the screen."""
    return np.arange(first, last, 1 / painter.device().devicePixelRatio())


def _dots(painter: QPainter, colour: str, x: Floats, y: Floats) -> None:
    painter.setPen(QPen(QColor(colour), _DOT_PIXELS, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
    points(painter, x, y)
