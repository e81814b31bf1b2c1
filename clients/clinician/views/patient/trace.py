"""Draws the readings: sensors as a trace coloured by level, fingersticks as diamonds."""

import numpy as np
import pyqtgraph
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from clients.clinician.models.patient import decimation
from clients.clinician.models.patient.readings import LEVELS, Readings, Rows
from clients.clinician.views.patient.frame import Frame, edges
from clients.clinician.views.patient.strokes import Floats, fine_pen, points, segments
from clients.clinician.views.theme import theme
from clients.readings.levels import Level

_DOTS = 500
"""Up to so many readings in sight each is a dot of its own; of more each column of pixels is a bar."""
_DOT_PIXELS, _LOW_DOT_PIXELS = 5.0, 5.0
_DIAMOND_PIXELS, _SMALL_DIAMOND_PIXELS, _MANY_DIAMONDS = 8.0, 4.0, 60
_BANDS = Level.VERY_LOW, Level.LOW, Level.IN_RANGE, Level.HIGH, Level.VERY_HIGH
_VERY_LOW = LEVELS.index(Level.VERY_LOW)


class Series:
    """Readings of one sort as columns that lie close together, kept as long as they are the same."""

    def __init__(self, *, fingersticks: bool) -> None:
        self._fingersticks = fingersticks
        self._rows: Rows | None = None
        self.places = np.empty(0, np.intp)
        """Where in `Readings.rows`."""
        self.times = np.empty(0)
        self.values = np.empty(0)
        self.levels = np.empty(0, np.int8)
        self.devices = np.empty(0, np.int32)

    def refresh(self, readings: Readings) -> None:
        """Take what has changed."""
        if self._rows is readings.rows:
            return
        self._rows = readings.rows
        self.places = np.flatnonzero(readings.rows["fingerstick"] == self._fingersticks)
        rows = readings.rows[self.places]
        self.times = rows["time"] / 1e6
        self.values = np.ascontiguousarray(rows["mg_per_dl"])
        self.levels = np.ascontiguousarray(rows["level"])
        self.devices = np.ascontiguousarray(rows["device"])

    def within(self, start: float, end: float, beside: int = 0) -> slice:
        """Those from `start` to `end`, and so many beside them, so that a line leaves the picture at its edge."""
        first, last = np.searchsorted(self.times, [start, end])
        return slice(max(0, int(first) - beside), int(last) + beside)


def paint_sensor(painter: QPainter, frame: Frame, series: Series) -> None:
    """The trace. None is left out: of each column of pixels the lowest and the highest reading are drawn."""
    sight = series.within(frame.span.start, frame.span.end, beside=1)
    times, values, levels = series.times[sight], series.values[sight], series.levels[sight]
    if not len(times):
        return
    if len(times) <= _DOTS:
        _paint_lines(painter, frame, times, values, series.devices[sight])
        _paint_dots(painter, frame, times, values, levels)
    else:
        _paint_bars(painter, frame, times, values, levels)


def paint_fingersticks(painter: QPainter, frame: Frame, series: Series) -> None:
    """Diamonds with an edge, over the trace."""
    sight = series.within(frame.span.start, frame.span.end)
    times, values, levels = series.times[sight], series.values[sight], series.levels[sight]
    # A square cap in a world turned by 45° is a diamond, and all of one colour are one call.
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.rotate(45)
    x, y = frame.xs(times), frame.ys(values)
    turned_x, turned_y = (x + y) / np.sqrt(2), (y - x) / np.sqrt(2)
    size = _DIAMOND_PIXELS if len(times) <= _MANY_DIAMONDS else _SMALL_DIAMOND_PIXELS
    for pixels, colour_of in (size + 3, None), (size, theme().of_level):
        for place in np.unique(levels):
            of_level = levels == place
            colour = QColor(theme().surface) if colour_of is None else colour_of(LEVELS[place])
            painter.setPen(QPen(colour, pixels, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
            points(painter, turned_x[of_level], turned_y[of_level])
    painter.restore()


def paint_mark(painter: QPainter, frame: Frame, time: float, value: float, level: Level) -> None:
    """A ring around the reading that the read-out is about."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme().text), 2))
    painter.setBrush(theme().of_level(level))
    painter.drawEllipse(QPointF(frame.x(time), frame.y(value)), 5.0, 5.0)


def _paint_lines(painter: QPainter, frame: Frame, times: Floats, values: Floats, devices: NDArray[np.int32]) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(fine_pen(theme().muted))
    for device in np.unique(devices):  # two sensors side by side are two lines
        mine = devices == device
        connect = decimation.unbroken(times[mine])
        painter.drawPath(pyqtgraph.arrayToQPath(frame.xs(times[mine]), frame.ys(values[mine]), connect=connect))


def _paint_dots(painter: QPainter, frame: Frame, times: Floats, values: Floats, levels: NDArray[np.int8]) -> None:
    x, y = frame.xs(times), frame.ys(values)
    for place in np.unique(levels):
        of_level = levels == place
        colour = theme().of_level(LEVELS[place])
        painter.setPen(QPen(colour, _DOT_PIXELS, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        points(painter, x[of_level], y[of_level])


def _paint_bars(painter: QPainter, frame: Frame, times: Floats, values: Floats, levels: NDArray[np.int8]) -> None:
    columns = decimation.columns(times, values, frame.seconds_a_pixel / painter.device().devicePixelRatio())
    x = frame.xs((columns.first_time + columns.last_time) / 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)  # whole pixels, and three times as fast
    joined = decimation.joined(columns)
    painter.setPen(fine_pen(theme().muted))
    segments(
        painter,
        (x[:-1][joined], frame.ys(columns.last[:-1][joined])),
        (x[1:][joined], frame.ys(columns.first[1:][joined])),
    )
    bounds = (-np.inf, *edges(frame.unit), np.inf)
    for level, low, high in zip(_BANDS, bounds, bounds[1:], strict=False):
        within = (columns.high >= low) & (columns.low <= high)
        bottom, top = np.maximum(columns.low[within], low), np.minimum(columns.high[within], high)
        painter.setPen(fine_pen(theme().of_level(level)))
        # One reading alone is a bar too: a pixel high at least.
        segments(painter, (x[within], frame.ys(bottom) + 0.5), (x[within], frame.ys(top) - 0.5))
    very_low = np.logical_or.reduceat(levels == _VERY_LOW, columns.begins)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = theme().of_level(Level.VERY_LOW)
    painter.setPen(QPen(colour, _LOW_DOT_PIXELS, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    points(painter, x[very_low], frame.ys(columns.low[very_low]))
