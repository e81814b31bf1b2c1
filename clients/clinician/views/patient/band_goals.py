"""The bands stacked, each with its share, and the preset's goals with whether they are met."""

from apricot.glucose.v1.report_pb2 import TargetResult
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from clients.clinician.models.patient.figures import FiguresModel
from clients.clinician.views import words
from clients.clinician.views.parts import label, row
from clients.clinician.views.patient.bands import LEVELS, paint_stack, percent_of
from clients.clinician.views.patient.verdict import Verdict
from clients.clinician.views.theme import SPACE, font, theme

_BAR_PIXELS = 48
_LINE_PIXELS = 32


class BandGoals(QWidget):
    """One beside the other."""

    def __init__(self, figures: FiguresModel) -> None:
        super().__init__()
        self._figures = figures
        self._goals = QGridLayout()
        self._goals.setHorizontalSpacing(2 * SPACE)
        self._goals.setVerticalSpacing(SPACE)
        goals = QWidget()
        goals.setLayout(self._goals)
        layout = row(Stack(figures), goals, spacing=3 * SPACE)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        figures.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        while (item := self._goals.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        summary = self._figures.summary
        targets = list(summary.targets) if summary and summary.readings_count else []
        for place, target in enumerate(targets):
            verdict = Verdict()
            verdict.tell(target.met)
            self._goals.addWidget(label(self._name(target)), 2 * place, 0, 1, 2)
            self._goals.addWidget(label(self._goal(target), "muted"), 2 * place + 1, 0)
            self._goals.addWidget(verdict, 2 * place + 1, 1)
        self._goals.setRowStretch(2 * len(targets), 1)

    def _name(self, target: TargetResult) -> str:
        names = " + ".join(words.level(LEVELS[band]) for band in target.bands)
        return self.tr("{bands}: {percent} %").format(bands=names, percent=f"{target.percent:.1f}")

    def _goal(self, target: TargetResult) -> str:
        text = self.tr("Goal below {percent} %") if target.at_most else self.tr("Goal above {percent} %")
        return text.format(percent=f"{target.goal_percent:g}")


class Stack(QWidget):
    """The bands' shares as one bar, their names and hours of a day beside it."""

    def __init__(self, figures: FiguresModel) -> None:
        super().__init__()
        self._figures = figures
        self.setMinimumSize(220, 260)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        figures.changed.connect(self.update)

    def paintEvent(self, _: QPaintEvent) -> None:
        summary = self._figures.summary
        if summary is None or not summary.readings_count:
            return
        painter = QPainter(self)
        shares = list(summary.bands)
        bar = QRectF(0, SPACE, _BAR_PIXELS, self.height() - 2 * SPACE)
        places = paint_stack(painter, bar, shares)
        minutes = {share.band: share.minutes_per_day for share in shares}
        # Their texts keep apart where the bands are thin.
        tops = [places[band].center().y() for band in LEVELS]
        tops[0] = max(tops[0], _LINE_PIXELS / 2)
        for at in range(1, len(tops)):
            tops[at] = max(tops[at], tops[at - 1] + _LINE_PIXELS)
        lowest = self.height() - _LINE_PIXELS / 2
        for at in reversed(range(len(tops))):
            tops[at] = min(tops[at], lowest)
            lowest = tops[at] - _LINE_PIXELS
        for (band, level), y in zip(LEVELS.items(), tops, strict=True):
            painter.setPen(QPen(QColor(theme().line), 1))
            begin = QPointF(bar.right(), places[band].center().y())
            painter.drawLine(begin, QPointF(bar.right() + 2 * SPACE, y))
            painter.setPen(QColor(theme().text))
            painter.setFont(font(13))
            text = f"{percent_of(shares, band):.1f} %  {words.level(level)}"
            left = bar.right() + 3 * SPACE
            painter.drawText(QRectF(left, y - 16, self.width() - left, 18), Qt.AlignmentFlag.AlignVCenter, text)
            painter.setPen(QColor(theme().muted))
            painter.setFont(font(11))
            if minutes.get(band):
                hours, rest = divmod(round(minutes[band]), 60)
                time = self.tr("{hours} h {minutes} min a day").format(hours=hours, minutes=rest)
                painter.drawText(QRectF(left, y + 1, self.width() - left, 16), Qt.AlignmentFlag.AlignVCenter, time)
