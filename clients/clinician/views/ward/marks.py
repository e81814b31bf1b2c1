"""Shapes that say without colour what colours say."""

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from clients.readings.levels import Level
from clients.readings.trend import arrow

MARK_PIXELS = 16
_ARROWS = {"→": (0, 1), "↗": (-45, 1), "↑": (-90, 1), "↑↑": (-90, 2), "↘": (45, 1), "↓": (90, 1), "↓↓": (90, 2)}
ARROW_PIXELS = 18


@cache
def level_path(level: Level | None) -> QPainterPath:
    """Within 16 × 16: triangles down for low, up for high, two of them for very; a disc in range; a bar for none."""
    path = QPainterPath()
    match level:
        case Level.LOW:
            _triangle(path, 3, up=False, height=10)
        case Level.VERY_LOW:
            _triangle(path, 0, up=False, height=8)
            _triangle(path, 8, up=False, height=8)
        case Level.HIGH:
            _triangle(path, 3, up=True, height=10)
        case Level.VERY_HIGH:
            _triangle(path, 0, up=True, height=8)
            _triangle(path, 8, up=True, height=8)
        case Level.IN_RANGE:
            path.addEllipse(QRectF(3.5, 3.5, 9, 9))
        case None:
            path.addRoundedRect(QRectF(3, 7, 10, 2), 1, 1)
    return path


@cache
def old_path() -> QPainterPath:
    """Within 16 × 16: an empty ring with a hand, a clock."""
    path = QPainterPath()
    path.addEllipse(QRectF(2.5, 2.5, 11, 11))
    path.moveTo(8, 5)
    path.lineTo(8, 8.5)
    path.lineTo(10.5, 10)
    return path


@cache
def trend_path(arrows: str) -> QPainterPath:
    """Within 18 × 18, about its middle."""
    path = QPainterPath()
    if not arrows:
        return path
    degrees, count = _ARROWS[arrows]
    for shift in (0.0,) if count == 1 else (-4.0, 4.0):
        path.moveTo(-6, shift)
        path.lineTo(6, shift)
        path.moveTo(2.2, shift - 3.8)
        path.lineTo(6, shift)
        path.lineTo(2.2, shift + 3.8)
    return QTransform().rotate(degrees).map(path)


def draw_level(painter: QPainter, corner: QPointF, level: Level | None, color: QColor) -> None:
    """A level's mark, its corner there."""
    painter.fillPath(level_path(level).translated(corner), QBrush(color))


def draw_old(painter: QPainter, corner: QPointF, color: QColor) -> None:
    """The mark of what is old."""
    painter.strokePath(old_path().translated(corner), _pen(color, 1.5))


def draw_trend(painter: QPainter, middle: QPointF, rate: float | None, color: QColor) -> None:
    """The arrow; nothing where nobody can tell."""
    if rate is not None:
        painter.strokePath(trend_path(arrow(rate)).translated(middle), _pen(color, 1.8))


def draw_waiting(painter: QPainter, corner: QPointF, color: QColor, paper: QColor, *, urgent: bool) -> None:
    """An alert that nobody has: a disc with a stroke when urgent, else a ring with one."""
    box = QRectF(corner.x() + 1, corner.y() + 1, 14, 14)
    painter.setPen(_pen(color, 1.5))
    painter.setBrush(QBrush(color) if urgent else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(box)
    painter.setPen(_pen(paper if urgent else color, 1.8))
    middle = box.center()
    painter.drawLine(QPointF(middle.x(), middle.y() - 3.5), QPointF(middle.x(), middle.y() + 0.8))
    painter.drawPoint(QPointF(middle.x(), middle.y() + 3.6))


def draw_held(painter: QPainter, corner: QPointF, color: QColor) -> None:
    """An alert that somebody has: a tick."""
    painter.setPen(_pen(color, 1.8))
    painter.drawPolyline(QPolygonF([corner + QPointF(3, 8.5), corner + QPointF(6.5, 12), corner + QPointF(13, 4.5)]))


def _triangle(path: QPainterPath, top: float, *, up: bool, height: float) -> None:
    base, tip = (top + height, top) if up else (top, top + height)
    path.addPolygon(QPolygonF([QPointF(2, base), QPointF(14, base), QPointF(8, tip), QPointF(2, base)]))
    path.closeSubpath()


def _pen(color: QColor, width: float) -> QPen:
    return QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
