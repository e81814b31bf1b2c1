"""The call's icons, drawn."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

SIZE = 20
_SCALE = 3
"""Sharp on dense screens too."""


def icon(name: str, color: QColor) -> QIcon:
    """`microphone`, `camera`, `devices`, `top`, `phone` or `hang_up`; with `_off` behind it crossed out."""
    pixmap = QPixmap(SIZE * _SCALE, SIZE * _SCALE)
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(_SCALE)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    if name == "hang_up":
        painter.translate(SIZE / 2, SIZE / 2)
        painter.rotate(135)
        painter.translate(-SIZE / 2, -SIZE / 2)
    painter.drawPath(_SHAPES[name.removesuffix("_off")]())
    if name.endswith("_off"):
        painter.drawLine(QPointF(3, 3), QPointF(17, 17))
    painter.end()
    return QIcon(pixmap)


def _microphone() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(7.5, 2.5, 5, 9), 2.5, 2.5)
    path.moveTo(4.5, 9)
    path.arcTo(QRectF(4.5, 3.5, 11, 11), 180, 180)
    path.moveTo(10, 14.5)
    path.lineTo(10, 17.5)
    return path


def _camera() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(2, 5.5, 11, 9), 2, 2)
    path.moveTo(13, 9)
    path.lineTo(18, 6.5)
    path.lineTo(18, 13.5)
    path.lineTo(13, 11)
    return path


def _devices() -> QPainterPath:
    path = QPainterPath()
    for at, knob in ((5.0, 12.5), (10.0, 7.0), (15.0, 12.5)):
        path.moveTo(3, at)
        path.lineTo(17, at)
        path.addEllipse(QPointF(knob, at), 1.8, 1.8)
    return path


def _top() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(3, 8, 11, 9), 1.5, 1.5)
    path.moveTo(7, 5)
    path.lineTo(7, 3)
    path.lineTo(17, 3)
    path.lineTo(17, 12)
    path.lineTo(15.5, 12)
    return path


def _phone() -> QPainterPath:
    path = QPainterPath()
    path.moveTo(4, 3)
    path.lineTo(7, 3)
    path.lineTo(8.5, 7)
    path.lineTo(6.6, 8.4)
    path.cubicTo(7.6, 10.6, 9.4, 12.4, 11.6, 13.4)
    path.lineTo(13, 11.5)
    path.lineTo(17, 13)
    path.lineTo(17, 16)
    path.cubicTo(17, 16.6, 16.6, 17, 16, 17)
    path.cubicTo(9, 16.6, 3.4, 11, 3, 4)
    path.cubicTo(3, 3.4, 3.4, 3, 4, 3)
    return path


_SHAPES = {
    "microphone": _microphone,
    "camera": _camera,
    "devices": _devices,
    "top": _top,
    "phone": _phone,
    "hang_up": _phone,
}
