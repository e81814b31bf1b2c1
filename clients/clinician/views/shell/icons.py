"""The rail's pictures: lines in a square of 24, drawn in whatever colour and size."""

from collections.abc import Callable
from enum import Enum
from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

_SIDE = 24
_PEN = 1.7


def _ward() -> QPainterPath:
    path = QPainterPath()
    for x, y in (3.5, 3.5), (13.5, 3.5), (3.5, 13.5), (13.5, 13.5):
        path.addRoundedRect(QRectF(x, y, 7, 7), 1.8, 1.8)
    return path


def _alerts() -> QPainterPath:
    path = QPainterPath(QPointF(5.5, 17))
    path.cubicTo(QPointF(7.5, 14.5), QPointF(6.5, 12.5), QPointF(6.5, 10))
    path.arcTo(QRectF(6.5, 4.5, 11, 11), 180, -180)
    path.cubicTo(QPointF(17.5, 12.5), QPointF(16.5, 14.5), QPointF(18.5, 17))
    path.closeSubpath()
    path.moveTo(10, 20)
    path.cubicTo(QPointF(10.8, 21.3), QPointF(13.2, 21.3), QPointF(14, 20))
    path.moveTo(12, 4.5)
    path.lineTo(12, 2.8)
    return path


def _consult() -> QPainterPath:
    path = QPainterPath(QPointF(7, 4.5))
    path.lineTo(17, 4.5)
    path.arcTo(QRectF(14.5, 4.5, 6, 6), 90, -90)
    path.lineTo(20.5, 13)
    path.arcTo(QRectF(14.5, 10, 6, 6), 0, -90)
    path.lineTo(11.5, 16)
    path.lineTo(7.5, 20)
    path.lineTo(7.5, 16)
    path.arcTo(QRectF(3.5, 10, 6, 6), 260, -80)
    path.lineTo(3.5, 7.5)
    path.arcTo(QRectF(3.5, 4.5, 6, 6), 180, -90)
    path.moveTo(8, 8.7)
    path.lineTo(16, 8.7)
    path.moveTo(8, 12)
    path.lineTo(13, 12)
    return path


def _settings() -> QPainterPath:
    path = QPainterPath()
    for tooth in range(16):
        angle, reach = pi * (tooth - 0.5) / 8, 9.2 if tooth % 2 else 6.8
        for edge in -0.13, 0.13:
            point = QPointF(12 + reach * cos(angle + edge), 12 + reach * sin(angle + edge))
            if path.elementCount():
                path.lineTo(point)
            else:
                path.moveTo(point)
    path.closeSubpath()
    path.addEllipse(QPointF(12, 12), 3, 3)
    return path


def _lock() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(4.5, 10.5, 15, 10), 2, 2)
    path.moveTo(8, 10.5)
    path.lineTo(8, 7.5)
    path.arcTo(QRectF(8, 3.5, 8, 8), 180, -180)
    path.lineTo(16, 10.5)
    path.addEllipse(QPointF(12, 15.5), 0.9, 0.9)
    return path


def _close() -> QPainterPath:
    path = QPainterPath(QPointF(6.5, 6.5))
    path.lineTo(17.5, 17.5)
    path.moveTo(17.5, 6.5)
    path.lineTo(6.5, 17.5)
    return path


class Icon(Enum):
    """Which there are."""

    WARD = "ward"
    ALERTS = "alerts"
    CONSULT = "consult"
    SETTINGS = "settings"
    LOCK = "lock"
    CLOSE = "close"


_PATHS: dict[Icon, Callable[[], QPainterPath]] = {
    Icon.WARD: _ward,
    Icon.ALERTS: _alerts,
    Icon.CONSULT: _consult,
    Icon.SETTINGS: _settings,
    Icon.LOCK: _lock,
    Icon.CLOSE: _close,
}


def paint(painter: QPainter, icon: Icon, square: QRectF, color: QColor) -> None:
    """Into the square, as lines."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(square.topLeft())
    painter.scale(square.width() / _SIDE, square.height() / _SIDE)
    pen = QPen(color, _PEN)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_PATHS[icon]())
    painter.restore()
