"""A card over the pages that goes away with Esc or a click beside it."""

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QFrame, QWidget

from clients.clinician.views.theme import SPACE, theme


class Overlay(QWidget):
    """Over the whole of its parent; the card lies in its upper middle. Focus returns where it was."""

    def __init__(self, parent: QWidget, width: int) -> None:
        super().__init__(parent)
        self._whole = parent
        self._width = width
        self._before: QWidget | None = None
        self.card = QFrame(self)
        self.card.setProperty("role", "card")
        parent.installEventFilter(self)
        self.hide()

    def fill(self, layout: QBoxLayout) -> None:
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        self.card.setLayout(layout)

    def open(self) -> None:
        """Show it."""
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self.place()
        self.show()
        self.raise_()
        self.setFocus()

    def close_over(self) -> None:
        """Go away."""
        self.hide()
        if self._before is not None:
            self._before.setFocus()
        self._before = None

    def toggle(self) -> None:
        """Open it, or close it."""
        if self.isVisible():
            self.close_over()
        else:
            self.open()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self.place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_over()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_over()

    def paintEvent(self, _: QPaintEvent) -> None:
        shade = QColor(theme().window)
        shade.setAlphaF(0.72)
        QPainter(self).fillRect(self.rect(), shade)

    def place(self) -> None:
        """Where there is room."""
        whole = self._whole.rect()
        self.setGeometry(whole)
        width = min(self._width, whole.width() - 4 * SPACE)
        height = min(self.card.sizeHint().height(), whole.height() - 12 * SPACE)
        self.card.setGeometry(QRect((whole.width() - width) // 2, 10 * SPACE, width, height))
