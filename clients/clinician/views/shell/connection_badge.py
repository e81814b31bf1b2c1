"""Whether what the screen shows is true, always in sight."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from clients.clinician.models.desk import Desk
from clients.clinician.views import words
from clients.clinician.views.parts import column, label
from clients.clinician.views.theme import theme
from clients.sdk import Phase


class ConnectionBadge(QWidget):
    """Live, catching up, or stale since an instant: a shape, a colour and words."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._mark = _Mark()
        self._words = label(wraps=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout = column(self._mark, self._words, spacing=4)
        layout.setAlignment(self._mark, Qt.AlignmentFlag.AlignHCenter)
        self.setLayout(layout)
        desk.connection.changed.connect(self._show)
        desk.second.connect(self._show)
        self._show()

    def text(self) -> str:
        """What it says."""
        return self._words.text()

    def _show(self) -> None:
        standing = self._desk.connection.standing
        match standing.phase:
            case Phase.LIVE:
                text, color = self.tr("Live"), "good"
            case Phase.CATCHING_UP:
                text, color = self.tr("Catching up"), "warning"
            case _ if standing.complete_until is None:
                text, color = self.tr("No connection"), "urgent"
            case _:
                since = self.tr("Not live since {time}")
                text, color = since.format(time=words.clock(standing.complete_until)), "urgent"
        self.setToolTip(words.problem(standing.cause) if standing.cause else "")
        self._mark.show_phase(standing.phase, theme().color(color))
        if text != self._words.text():
            self._words.setText(text)
            self._words.setStyleSheet(f"color: {theme().color(color).name()}; font-weight: 700;")
            self.setAccessibleName(text)


class _Mark(QWidget):
    """A full disc, a half one, or a cross."""

    def __init__(self) -> None:
        super().__init__()
        self._phase, self._color = Phase.CATCHING_UP, QColor()
        self.setFixedSize(QSize(12, 12))

    def show_phase(self, phase: Phase, color: QColor) -> None:
        if (phase, color) != (self._phase, self._color):
            self._phase, self._color = phase, color
            self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc = QRectF(2, 2, 8, 8)
        painter.setPen(QPen(self._color, 1.8))
        match self._phase:
            case Phase.LIVE:
                painter.setBrush(self._color)
                painter.drawEllipse(disc)
            case Phase.CATCHING_UP:
                painter.drawEllipse(disc)
                painter.setBrush(self._color)
                painter.drawPie(disc, 90 * 16, 180 * 16)
            case Phase.STALE:
                painter.drawLine(QPointF(2, 2), QPointF(10, 10))
                painter.drawLine(QPointF(10, 2), QPointF(2, 10))
