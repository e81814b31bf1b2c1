"""A count on a button."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from clients.clinician.views.theme import SPACE, font, theme

_HEIGHT = 2 * SPACE
_MOST = 99


class Badge(QWidget):
    """At the upper right of a button; away while there is nothing to count."""

    def __init__(self, on: QToolButton) -> None:
        super().__init__(on)
        self._button = on
        self._text = ""
        self._urgent = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        on.installEventFilter(self)
        self.hide()

    def show_count(self, count: int, *, urgent: bool = False) -> None:
        """`urgent`: in the colour of what is to be done now."""
        self._text = str(count) if count <= _MOST else f"{_MOST}+"
        self._urgent = urgent
        self._button.setAccessibleDescription(self._text if count else "")
        self.setVisible(count > 0)
        self._place()
        self.update()

    def text(self) -> str:
        return self._text

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(worn.color("urgent" if self._urgent else "muted"))
        painter.drawRoundedRect(QRectF(self.rect()), _HEIGHT / 2, _HEIGHT / 2)
        painter.setPen(worn.color("on_urgent" if self._urgent else "surface"))
        painter.setFont(_font())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()

    def _place(self) -> None:
        width = max(_HEIGHT, QFontMetrics(_font()).horizontalAdvance(self._text) + SPACE)
        self.setGeometry(self._button.width() - width - SPACE // 2, SPACE // 2, width, _HEIGHT)
        self.raise_()


def _font() -> QFont:
    return font(11, QFont.Weight.Bold)
