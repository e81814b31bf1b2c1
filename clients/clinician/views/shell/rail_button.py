"""A page's button on the rail: a picture, a word, and how much waits there."""

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from clients.clinician.views.shell import icons
from clients.clinician.views.shell.icons import Icon
from clients.clinician.views.theme import RADIUS, font, theme

_SIZE = QSize(72, 56)
_ICON = 22.0
_MOST = 99


class RailButton(QAbstractButton):
    """Checkable where it leads to a page."""

    def __init__(self, name: str, icon: Icon, *, checkable: bool = True) -> None:
        super().__init__()
        self._icon = icon
        self._count = 0
        self._urgent = False
        self.setText(name)
        self.setAccessibleName(name)
        self.setCheckable(checkable)
        self.setAutoExclusive(checkable)
        self.setFixedSize(_SIZE)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_badge(self, count: int, *, urgent: bool = False) -> None:
        """How much waits there; nothing shows nothing."""
        if (count, urgent) == (self._count, self._urgent):
            return
        self._count, self._urgent = count, urgent
        told = QCoreApplication.translate("RailButton", "{name}, {count} waiting").format(name=self.text(), count=count)
        self.setAccessibleName(told if count else self.text())
        self.update()

    def sizeHint(self) -> QSize:
        return _SIZE

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(theme().color("accent"), 1.5) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(self._ground())
        painter.drawRoundedRect(whole, RADIUS, RADIUS)
        color = theme().color("accent" if self.isChecked() else "text" if self.underMouse() else "muted")
        left = (self.width() - _ICON) / 2
        icons.paint(painter, self._icon, QRectF(left, 8, _ICON, _ICON), color)
        painter.setFont(font(11, QFont.Weight.Bold if self.isChecked() else QFont.Weight.Normal))
        painter.setPen(color)
        painter.drawText(QRectF(0, 33, self.width(), 18), Qt.AlignmentFlag.AlignCenter, self.text())
        if self._count:
            self._paint_badge(painter, left + _ICON - 4)

    def _ground(self) -> QColor:
        if self.isChecked():
            return theme().color("chosen")
        return theme().color("raised") if self.underMouse() or self.isDown() else QColor(Qt.GlobalColor.transparent)

    def _paint_badge(self, painter: QPainter, left: float) -> None:
        text = str(self._count) if self._count <= _MOST else f"{_MOST}+"
        small = font(10, QFont.Weight.Bold)
        width = max(16.0, QFontMetricsF(small).horizontalAdvance(text) + 8)
        place = QRectF(left, 4, width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("urgent" if self._urgent else "accent"))
        painter.drawRoundedRect(place, 8, 8)
        painter.setFont(small)
        painter.setPen(theme().color("on_urgent" if self._urgent else "on_accent"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
