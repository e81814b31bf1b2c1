"""The alarm bar's keys, wherever the focus is: in a dialog, a menu or a call's window too."""

from PySide6.QtCore import QEvent, QKeyCombination, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from clients.clinician.views.alerts.bar import ACKNOWLEDGE_KEY, OPEN_KEY, AlarmBar
from clients.clinician.views.shell.window import Window


class AlarmKeys(QObject):
    """Before the whole application. In a Window the bar's own shortcuts act; keys of other windows go to its bar."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self._application = application
        self._keys = {_combination(key): key for key in (ACKNOWLEDGE_KEY, OPEN_KEY)}
        application.installEventFilter(self)

    def close(self) -> None:
        """Do so no more."""
        self._application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = self._keys.get(event.keyCombination())
        if key is None or not isinstance(watched, QWidget) or isinstance(watched.window(), Window):
            return False
        bar = self._bar_for(watched.window())
        if bar is not None:
            (bar.acknowledge.click if key == ACKNOWLEDGE_KEY else bar.open_patient)()
        return bar is not None

    def _bar_for(self, dialog: QWidget) -> AlarmBar | None:
        parent = dialog.parentWidget()
        of = parent.window() if parent is not None else None
        windows = [each for each in self._application.topLevelWidgets() if isinstance(each, Window)]
        for window in [of, *windows]:
            if isinstance(window, Window) and (bar := window.findChild(AlarmBar)) is not None:
                return bar
        return None


def _combination(key: str) -> QKeyCombination:
    combination: QKeyCombination = QKeySequence(key)[0]  # type: ignore[index]
    return combination
