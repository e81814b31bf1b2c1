"""Before the whole application: sees that somebody is there, and hides what is no window of ours while it is locked."""

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from clients.clinician.models.lock import Lock
from clients.clinician.views.shell.window import Window

_TOUCHES = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
    QEvent.Type.TabletPress,
}
_LOCK = QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_L)
_PASSING = {Qt.WindowType.Popup, Qt.WindowType.ToolTip, Qt.WindowType.SplashScreen}


class Curtain(QObject):
    """A Window covers itself; dialogs vanish until it is unlocked, those too that open meanwhile."""

    def __init__(self, application: QApplication, lock: Lock) -> None:
        super().__init__()
        self._application = application
        self._lock = lock
        self._hidden: list[QWidget] = []
        application.installEventFilter(self)
        lock.changed.connect(self._draw)
        self._draw()

    def close(self) -> None:
        """Do so no more."""
        self._application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.keyCombination() == _LOCK:
            self._lock.lock()  # before a modal dialog too, where no shortcut of the window acts
            return True
        if kind in _TOUCHES:
            self._lock.touch()
        elif kind is QEvent.Type.Show and self._lock.locked and isinstance(watched, QWidget):
            self._hide(watched)
        return False

    def _draw(self) -> None:
        if self._lock.locked:
            for widget in self._application.topLevelWidgets():
                if widget.isVisible():
                    self._hide(widget)
            return
        hidden, self._hidden = self._hidden, []
        for widget in hidden:
            if isValid(widget):  # it may have ended meanwhile
                widget.show()

    def _hide(self, widget: QWidget) -> None:
        if not widget.isWindow() or isinstance(widget, Window):
            return
        widget.hide()
        if widget.windowType() not in _PASSING and widget not in self._hidden:
            self._hidden.append(widget)
