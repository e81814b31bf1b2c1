"""Day by day: each day's curve, time in range and mean, as small pictures on the same scale."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pyqtgraph
from apricot.glucose.v1.report_pb2 import GLUCOSE_BAND_IN_RANGE, DayCurve
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from clients.clinician.models.patient.days import zone_named
from clients.clinician.models.patient.decimation import unbroken
from clients.clinician.models.patient.figures import FiguresModel
from clients.clinician.views import words
from clients.clinician.views.consult import cards
from clients.clinician.views.consult.card_grip import CardSource
from clients.clinician.views.consult.cards import PatientCard
from clients.clinician.views.parts import column, label, scrolling
from clients.clinician.views.patient import entry_words
from clients.clinician.views.patient.bands import paint_stack, percent_of
from clients.clinician.views.patient.figures_bar import FiguresPage
from clients.clinician.views.patient.frame import edges
from clients.clinician.views.patient.strokes import fine_pen
from clients.clinician.views.theme import RADIUS, SPACE, font, theme

_DAYS_A_ROW = 7
_DAY_MINUTES = 1440
_LABEL_PIXELS = 24
_HIGHEST = 360.0
"""Of every picture, mg/dL, so that they can be compared; what is above is at the edge."""


class DaysTab(QWidget):
    """A week a row, Monday first."""

    def __init__(self, figures: FiguresModel) -> None:
        super().__init__()
        self._figures = figures
        self.days: list[DayPicture] = []
        self._grid = QGridLayout()
        self._grid.setSpacing(SPACE)
        self._grid.setContentsMargins(0, 0, 0, 0)
        inner = QWidget()
        inner.setLayout(self._grid)
        self.setLayout(column(FiguresPage(figures, scrolling(inner))))
        figures.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self.days = [DayPicture(curve, self._figures) for curve in self._figures.curves]
        if not self.days:
            return
        first = date.fromisoformat(self._figures.curves[0].local_date)
        monday = first - timedelta(days=first.weekday())
        names = [entry_words.locale().dayName(number + 1) for number in range(_DAYS_A_ROW)]
        for place, name in enumerate(names):
            heading = label(name, "muted")
            heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            self._grid.addWidget(heading, 0, place)
            self._grid.setColumnStretch(place, 1)
        for picture in self.days:
            passed = (date.fromisoformat(picture.curve.local_date) - monday).days
            self._grid.addWidget(picture, 1 + passed // _DAYS_A_ROW, passed % _DAYS_A_ROW)


class DayPicture(QWidget):
    """One day."""

    def __init__(self, curve: DayCurve, figures: FiguresModel) -> None:
        super().__init__()
        self.curve = curve
        self._unit = figures.desk.settings.unit
        self._patient_id = figures.patient_id
        self._zone = zone_named(figures.summary.time_zone if figures.summary else "")
        self.source = CardSource(self, self.card) if curve.values_mg_per_dl else None
        self.setMinimumHeight(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(220)
        self.setAccessibleName(f"{self.title} {self.figures}")

    @property
    def title(self) -> str:
        """Such as "24 Nov"."""
        return entry_words.day(datetime.fromisoformat(self.curve.local_date))

    @property
    def figures(self) -> str:
        """Time in range and mean, or that there are no readings."""
        summary = self.curve.summary
        if not summary.HasField("mean_mg_per_dl"):
            return self.tr("No readings")
        percent = percent_of(list(summary.bands), GLUCOSE_BAND_IN_RANGE)
        mean = words.concentration(summary.mean_mg_per_dl, self._unit)
        return self.tr("In range {percent} % · mean {mean}").format(percent=f"{percent:.0f}", mean=mean)

    def card(self) -> PatientCard:
        """The day's readings, from midnight to midnight."""
        day = date.fromisoformat(self.curve.local_date)
        begin, end = (datetime.combine(each, time(0), self._zone) for each in (day, day + timedelta(days=1)))
        return PatientCard(self._patient_id, cards.readings_card(begin, end))

    def sizeHint(self) -> QSize:
        return QSize(160, 160)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.source is not None:
            self.source.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.source is not None and self.source.begins(event):
            self.source.carry()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            low, high = self.curve.summary.min_mg_per_dl, self.curve.summary.max_mg_per_dl
            text = self.tr("Lowest {low}, highest {high} {unit}, {percent} % of the expected readings").format(
                low=words.concentration(low, self._unit),
                high=words.concentration(high, self._unit),
                unit=self._unit.value,
                percent=f"{self.curve.summary.active_percent:.0f}",
            )
            drag = self.tr("Drag the day into a conversation")
            self.setToolTip(f"{text}\n{drag}" if self.curve.values_mg_per_dl else "")
        return super().event(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme().line), 1))
        painter.setBrush(QColor(theme().surface))
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(whole, RADIUS, RADIUS)
        inner = whole.adjusted(SPACE, SPACE, -SPACE, -SPACE)
        painter.setFont(font(11))
        painter.setPen(QColor(theme().text))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop, self.title)
        painter.setPen(QColor(theme().muted))
        painter.drawText(inner, Qt.AlignmentFlag.AlignBottom, self.figures)
        stack = QRectF(inner.right() - 6, inner.top() + 22, 6, inner.height() - 44)
        if self.curve.values_mg_per_dl:
            paint_stack(painter, stack, list(self.curve.summary.bands))
            self._paint_curve(painter, stack.adjusted(_LABEL_PIXELS + 6 - inner.width(), 0, -6 - SPACE, 0))

    def _paint_curve(self, painter: QPainter, plot: QRectF) -> None:
        very_low, low, high, _ = edges(self._unit)

        def y(mg_per_dl: float) -> float:
            return plot.bottom() - plot.height() * min(mg_per_dl, _HIGHEST) / _HIGHEST

        band = QColor(theme().in_range)
        band.setAlpha(36)
        painter.fillRect(QRectF(QPointF(plot.left(), y(high)), QPointF(plot.right(), y(low))), band)
        painter.setFont(font(10))
        painter.setPen(QColor(theme().muted))
        for edge in high, low:
            box = QRectF(plot.left() - _LABEL_PIXELS, y(edge) - 6, _LABEL_PIXELS - 4, 12)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, words.concentration(edge, self._unit))
        minutes = np.array(self.curve.minutes_of_day, float)
        values = np.array(self.curve.values_mg_per_dl, float)
        order = np.argsort(minutes, kind="stable")
        minutes, values = minutes[order], values[order]
        x = plot.left() + plot.width() * minutes / _DAY_MINUTES
        ys = plot.bottom() - plot.height() * np.minimum(values, _HIGHEST) / _HIGHEST
        painter.setPen(fine_pen(theme().text))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(pyqtgraph.arrayToQPath(x, ys, connect=unbroken(60 * minutes)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().very_low))
        for place in np.flatnonzero(values < very_low):
            painter.drawEllipse(QPointF(x[place], ys[place]), 2.0, 2.0)
