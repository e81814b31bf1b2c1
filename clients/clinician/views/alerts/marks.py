"""What is drawn rather than written: arrows of a trend, and the mark of how an alert stands."""

from enum import Enum, auto

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QWidget

from clients.clinician.views.theme import SPACE, theme


class Mark(Enum):
    """How an alert stands, by shape."""

    URGENT = auto()
    """A full triangle."""
    WARNING = auto()
    """An open one."""
    SILENT = auto()
    """Two bars."""
    KEPT = auto()
    """A check."""
    OVER = auto()
    """A ring."""


def draw_mark(painter: QPainter, mark: Mark, place: QRectF, color: QColor, inside: QColor) -> None:
    """`inside`: what stands on a full shape."""
    x, y, size = place.x(), place.y(), place.width()

    def at(across: float, down: float) -> QPointF:
        return QPointF(x + across * size, y + down * size)

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color, max(1.6, size / 10), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    match mark:
        case Mark.URGENT | Mark.WARNING:
            triangle = QPainterPath(at(0.5, 0.08))
            triangle.lineTo(at(0.96, 0.9))
            triangle.lineTo(at(0.04, 0.9))
            triangle.closeSubpath()
            if mark is Mark.URGENT:
                painter.setBrush(color)
            painter.drawPath(triangle)
            painter.setPen(QPen(inside if mark is Mark.URGENT else color, pen.widthF(), c=Qt.PenCapStyle.RoundCap))
            painter.drawLine(at(0.5, 0.38), at(0.5, 0.6))
            painter.drawPoint(at(0.5, 0.76))
        case Mark.SILENT:
            painter.drawLine(at(0.34, 0.22), at(0.34, 0.78))
            painter.drawLine(at(0.66, 0.22), at(0.66, 0.78))
        case Mark.KEPT:
            check = QPainterPath(at(0.16, 0.52))
            check.lineTo(at(0.42, 0.78))
            check.lineTo(at(0.86, 0.24))
            painter.drawPath(check)
        case Mark.OVER:
            painter.drawEllipse(at(0.5, 0.5), size * 0.28, size * 0.28)
    painter.restore()


def draw_arrow(painter: QPainter, rate_mg_per_dl_per_minute: float, place: QRectF, color: QColor) -> None:
    """The trend as sensors show it: flat up to 1 mg/dL a minute, aslant up to 2, upright up to 3, doubled beyond."""
    steep = abs(rate_mg_per_dl_per_minute)
    angle = 0 if steep <= 1 else 45 if steep <= 2 else 90
    doubled = steep > 3
    size = place.width() * (0.8 if doubled else 0.85)
    shaft = QPainterPath(QPointF(-0.36 * size, 0))
    shaft.lineTo(QPointF(0.34 * size, 0))
    shaft.moveTo(QPointF(0.06 * size, -0.26 * size))
    shaft.lineTo(QPointF(0.34 * size, 0))
    shaft.lineTo(QPointF(0.06 * size, 0.26 * size))
    turned = QTransform().rotate(-angle if rate_mg_per_dl_per_minute > 0 else angle).map(shaft)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(
        QPen(color, max(1.6, size / 9), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    for shift in (-0.36 * size, 0.36 * size) if doubled else (0.0,):
        painter.drawPath(turned.translated(place.center() + QPointF(shift, 0)))
    painter.restore()


class MarkOf(QWidget):
    """A mark beside words that say the same."""

    def __init__(self, mark: Mark, color: str, inside: str, pixels: int = 2 * SPACE + 4) -> None:
        super().__init__()
        self._mark, self._color, self._inside = mark, color, inside
        self.setFixedSize(pixels, pixels)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, worn = QPainter(self), theme()
        place = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        draw_mark(painter, self._mark, place, worn.color(self._color), worn.color(self._inside))
        painter.end()


class Arrow(QWidget):
    """Which way glucose goes; away where nobody can tell."""

    def __init__(self, pixels: int, color: str = "text") -> None:
        super().__init__()
        self._color = color
        self._rate = 0.0
        self.setFixedSize(pixels, pixels)

    def show_rate(self, mg_per_dl_per_minute: float | None) -> None:
        self._rate = mg_per_dl_per_minute or 0.0
        self.setVisible(mg_per_dl_per_minute is not None)
        said = self.tr("{rate} mg/dL a minute").format(rate=f"{self._rate:+.1f}")
        self.setAccessibleName(said)
        self.setToolTip(said)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        place = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        draw_arrow(painter, self._rate, place, theme().color(self._color))
        painter.end()
