"""The typical day: how glucose runs from midnight to midnight."""

import numpy as np
from apricot.glucose.v1.report_pb2 import ProfileBin
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from clients.clinician.models.patient.figures import FiguresModel
from clients.clinician.views import words
from clients.clinician.views.parts import card, label
from clients.clinician.views.patient.bands import target
from clients.clinician.views.patient.figures_bar import FiguresPage
from clients.clinician.views.theme import SPACE, font, theme

_DAY_MINUTES, _BIN_MINUTES = 1440, 15
_BIN_MIDDLE = _BIN_MINUTES / 2
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_PERCENTILES = "p05", "p25", "p50", "p75", "p95"


class ProfileTab(QWidget):
    """Percentiles by time of day."""

    def __init__(self, figures: FiguresModel) -> None:
        super().__init__()
        self.readout = label(selectable=True)
        self.drawing = ProfileDrawing(figures)
        self.drawing.setAccessibleName(self.tr("The typical day"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.page = FiguresPage(figures, card(self.readout, self.drawing))
        layout.addWidget(self.page)
        self._figures = figures
        figures.changed.connect(self._clear)
        self.drawing.pointed.connect(self._point)
        self._clear()

    def _clear(self) -> None:
        self._point(None)

    def _point(self, minute: int | None) -> None:
        if minute is None:
            self.readout.setText(self.tr("Median, half of the days (25–75 %), nine of ten days (5–95 %)"))
            return
        found = next((one for one in self._figures.bins if one.minute_of_day == minute), None)
        time = f"{minute // 60:02}:{minute % 60:02}"
        if found is None or not found.HasField("smoothed"):
            text = self.tr("{time}: too few days with readings")
            self.readout.setText(text.format(time=time))
            return
        unit = self._figures.desk.settings.unit
        values = {name: words.concentration(getattr(found.smoothed, name), unit) for name in _PERCENTILES}
        text = self.tr(
            "{time}: median {p50} {unit}, half of the days {p25}–{p75}, nine of ten {p05}–{p95} ({days} days)"
        )
        self.readout.setText(text.format(time=time, unit=unit.value, days=found.days_count, **values))


class ProfileDrawing(QWidget):
    """The percentiles as two bands and a line, over the target range."""

    pointed = Signal(object)
    """The quarter of an hour under the mouse, by its first minute; None: none."""

    def __init__(self, figures: FiguresModel) -> None:
        super().__init__()
        self._figures = figures
        self._minute: int | None = None
        self.setMinimumSize(480, 280)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        figures.changed.connect(self.update)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        share = (event.position().x() - self._plot.left()) / self._plot.width()
        self._minute = int(share * _DAY_MINUTES) // _BIN_MINUTES * _BIN_MINUTES if 0 <= share < 1 else None
        self.pointed.emit(self._minute)
        self.update()

    def leaveEvent(self, _: object) -> None:
        self._minute = None
        self.pointed.emit(None)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font(11))
        bins = [one for one in self._figures.bins if one.HasField("smoothed")]
        highest = max((one.smoothed.p95 for one in bins), default=0.0)
        self._highest = next(top for top in (240.0, 300.0, 360.0, 450.0, 600.0, 1000.0) if highest <= top)
        self._paint_axes(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        run: list[int] = []
        for place, one in enumerate(bins):  # where there are no percentiles there is a hole
            if run and one.minute_of_day - bins[run[-1]].minute_of_day > _BIN_MINUTES:
                self._paint_run(painter, np.array([self._values(bins[each]) for each in run]))
                run = []
            run.append(place)
        if run:
            self._paint_run(painter, np.array([self._values(bins[each]) for each in run]))
        if self._minute is not None:
            painter.setPen(QPen(QColor(theme().muted), 1, Qt.PenStyle.DotLine))
            x = self._x(self._minute + _BIN_MIDDLE)
            painter.drawLine(QPointF(x, self._plot.top()), QPointF(x, self._plot.bottom()))

    @staticmethod
    def _values(one: ProfileBin) -> tuple[float, ...]:
        return (one.minute_of_day + _BIN_MIDDLE, *(getattr(one.smoothed, name) for name in _PERCENTILES))

    @property
    def _plot(self) -> QRectF:
        return QRectF(48, SPACE, max(self.width() - 48 - 56, 1), max(self.height() - SPACE - 28, 1))

    def _x(self, minute: float) -> float:
        return self._plot.left() + self._plot.width() * minute / _DAY_MINUTES

    def _y(self, mg_per_dl: float) -> float:
        return self._plot.bottom() - self._plot.height() * mg_per_dl / self._highest

    def _paint_axes(self, painter: QPainter) -> None:
        unit, plot = self._figures.desk.settings.unit, self._plot
        low, high = target(self._figures.goals.preset, unit)
        band = QColor(theme().in_range)
        band.setAlpha(26)
        painter.fillRect(QRectF(QPointF(plot.left(), self._y(high)), QPointF(plot.right(), self._y(low))), band)
        for hour in range(0, 25, 3):
            x = round(self._x(60 * hour)) + 0.5
            painter.setPen(QPen(QColor(theme().line), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(QColor(theme().muted))
            place = QRectF(x - 32, plot.bottom() + 6, 64, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{hour % 24:02}:00")
        for value in low, high:
            y = round(self._y(value)) + 0.5
            painter.setPen(QPen(QColor(theme().in_range), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(theme().text))
            painter.drawText(QRectF(0, y - 9, 40, 18), _RIGHT, words.concentration(value, unit))
        painter.setPen(QColor(theme().muted))
        painter.drawText(QRectF(0, plot.top() - SPACE, 46, 18), _RIGHT, unit.value)

    def _paint_run(self, painter: QPainter, run: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> None:
        x = [self._x(minute) for minute in run[:, 0]]
        lines = [[QPointF(x[at], self._y(value)) for at, value in enumerate(run[:, of])] for of in range(1, 6)]
        painter.setPen(Qt.PenStyle.NoPen)
        for below, above, alpha in (0, 4, 46), (1, 3, 84):
            fill = QColor(theme().accent)
            fill.setAlpha(alpha)
            painter.setBrush(fill)
            painter.drawPolygon(QPolygonF([*lines[below], *reversed(lines[above])]))
        painter.setPen(QPen(QColor(theme().accent), 2.5))
        painter.drawPolyline(QPolygonF(lines[2]))
        if run[-1, 0] > _DAY_MINUTES - _BIN_MINUTES:
            painter.setPen(QColor(theme().muted))
            names, last = ["5 %", "25 %", "50 %", "75 %", "95 %"], self.height() + 99.0
            for name, line in zip(names, lines, strict=True):  # upwards, so far apart that each can be read
                y = min(line[-1].y(), last - 13)
                painter.drawText(QRectF(self._plot.right() + 6, y - 8, 48, 16), _LEFT, name)
                last = y
