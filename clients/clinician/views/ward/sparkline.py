"""Three hours of readings, small."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap, QPolygonF

from clients.clinician.views.theme import theme

_MINUTES = 180.0
_LOWEST, _HIGHEST = 40.0, 300.0
_TARGET = 70.0, 180.0
_MOST_KEPT = 100
_DISC_PIXELS = 4
_GAP_MINUTES = 20.0
"""After a longer silence the line begins anew: nobody knows what was between."""


type Trace = Sequence[tuple[float, float, bool]]
"""The newest first: minutes before the newest, mg/dL, whether from a sensor."""


class Sparkline:
    """Paints the target band, the sensor's line, fingersticks as rings, and the newest value as a disc.

    A picture is kept as long as it would be the same to half a pixel: lines are the dearest of a row.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[object, ...], Trace, QPixmap]] = {}
        worn = theme()
        self._band = worn.color("in_range")
        self._band.setAlphaF(0.14)
        self._ring = QPen(worn.color("text"), 1.2)
        stroke = worn.color("muted")
        self._stroke = QPen(stroke, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)

    def paint(
        self, painter: QPainter, area: QRectF, name: str, trace: Trace, minutes_old: float, color: QColor
    ) -> None:
        """`name` is whose it is. The newest reading is `minutes_old`."""
        ratio = painter.device().devicePixelRatio()
        size = area.size().toSize()
        half_pixels = int(max(minutes_old, 0.0) * 2 * ratio * size.width() / _MINUTES)
        looks = half_pixels, color.rgba(), size.width(), size.height(), ratio
        kept = self._kept.get(name)
        if kept is None or kept[0] != looks or kept[1] is not trace:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            picture = QPixmap(size * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            drawing = QPainter(picture)
            drawing.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw(drawing, QRectF(0, 0, size.width(), size.height()), trace, minutes_old, color)
            drawing.end()
            kept = self._kept[name] = looks, trace, picture
        painter.drawPixmap(area.topLeft(), kept[2])

    def _draw(self, painter: QPainter, area: QRectF, trace: Trace, minutes_old: float, color: QColor) -> None:
        area = area.adjusted(0, _DISC_PIXELS, 0, -_DISC_PIXELS)
        left, right = area.left(), area.right() - _DISC_PIXELS
        per_minute = (right - left) / _MINUTES
        per_mg = area.height() / (_HIGHEST - _LOWEST)
        bottom = area.bottom()
        top_of_band = bottom - (_TARGET[1] - _LOWEST) * per_mg
        painter.fillRect(
            QRectF(left, top_of_band, right - left + _DISC_PIXELS, (_TARGET[1] - _TARGET[0]) * per_mg), self._band
        )
        shift = right - max(minutes_old, 0.0) * per_minute
        lines: list[list[QPointF]] = [[]]
        rings, before = [], 0.0
        for minutes, mg_per_dl, from_sensor in trace:
            x = shift - minutes * per_minute
            if x < left:
                break
            point = QPointF(x, bottom - (min(max(mg_per_dl, _LOWEST), _HIGHEST) - _LOWEST) * per_mg)
            if not from_sensor:
                rings.append(point)
                continue
            if minutes - before > _GAP_MINUTES:
                lines.append([])
            lines[-1].append(point)
            before = minutes
        painter.setPen(self._stroke)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for line in lines:
            if len(line) > 1:
                painter.drawPolyline(QPolygonF(line))
            elif line:
                painter.drawPoint(line[0])
        if rings:
            painter.setPen(self._ring)
            for ring in rings:
                painter.drawEllipse(ring, 2.5, 2.5)
        if shift >= left and trace:
            newest = QPointF(shift, bottom - (min(max(trace[0][1], _LOWEST), _HIGHEST) - _LOWEST) * per_mg)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(color))
            painter.drawEllipse(newest, _DISC_PIXELS - 0.5, _DISC_PIXELS - 0.5)
