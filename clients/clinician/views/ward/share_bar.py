"""A day's shares of the bands as a bar, with the percent in range."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPainterPath

from clients.clinician.models.ward.shares import Share
from clients.clinician.views.theme import SPACE, font, theme
from clients.clinician.views.ward import phrases
from clients.readings.levels import Level

_ORDER = Level.VERY_LOW, Level.LOW, Level.IN_RANGE, Level.HIGH, Level.VERY_HIGH
_NUMBER_PIXELS, _BAR_PIXELS = 48, 8
_ENOUGH_PERCENT = 70.0
"""Of the expected readings (the consensus); of fewer the bar is paler."""


class ShareBar:
    """From very low at the left to very high at the right; segments keep a hair apart."""

    def __init__(self) -> None:
        worn = theme()
        self._colors = {level: worn.of_level(level) for level in _ORDER}
        self._text, self._muted = worn.color("text"), worn.color("muted")
        self._bold, self._plain = font(weight=QFont.Weight.Bold), font()

    def paint(self, painter: QPainter, area: QRectF, share: Share | None) -> None:
        """None: not known."""
        number = QRectF(area.left(), area.top(), _NUMBER_PIXELS, area.height())
        align = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if share is None or not share.percents:
            painter.setFont(self._plain)
            painter.setPen(self._muted)
            painter.drawText(number, align, "—")
            return
        painter.setFont(self._bold)
        painter.setPen(self._text)
        painter.drawText(number, align, phrases.in_range(share))
        left = number.right() + SPACE + 4
        bar = QRectF(left, area.center().y() - _BAR_PIXELS / 2, area.right() - left, _BAR_PIXELS)
        painter.save()
        if not share.from_fingersticks and share.active_percent < _ENOUGH_PERCENT:
            painter.setOpacity(0.55)
        shape = QPainterPath()
        shape.addRoundedRect(bar, _BAR_PIXELS / 2, _BAR_PIXELS / 2)
        painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
        x = bar.left()
        for level in _ORDER:
            width = bar.width() * share.percents.get(level, 0.0) / 100
            if width > 0:
                painter.fillRect(QRectF(x, bar.top(), max(width - 1, 1.0), bar.height()), self._colors[level])
            x += width
        painter.restore()
