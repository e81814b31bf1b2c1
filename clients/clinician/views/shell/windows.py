"""All windows of a clinician: opened, remembered, and made anew when she chooses other colours or words."""

import json
from collections.abc import Callable
from dataclasses import asdict

from PySide6.QtCore import QByteArray, QObject, QSettings, QTimer, Signal

from clients.clinician.models.workplace import Workplace
from clients.clinician.views.settings.settings_dialog import SettingsDialog
from clients.clinician.views.shell.window import Place, Window

type Furnish = Callable[[Window, Workplace], object]
"""Gives a window its pages."""

_PLACES = "shell/windows"
_REMEMBER_MILLISECONDS = 2000
_OFFSET_PIXELS = 32


class Windows(QObject):
    """What each shows is a draft, since it names patients; where it stands on the screens is a setting."""

    all_closed = Signal()

    def __init__(self, workplace: Workplace, furnish: Furnish, store: QSettings) -> None:
        super().__init__()
        self._workplace = workplace
        self._furnish = furnish
        self._store = store
        self._settings: SettingsDialog | None = None
        self.windows: list[Window] = []
        self._timer = QTimer(self, interval=_REMEMBER_MILLISECONDS)
        self._timer.timeout.connect(self.remember)
        self._timer.start()

    def open_remembered(self) -> None:
        """Those of last time; the first time, one."""
        for index, place in enumerate(self._remembered() or [Place()]):
            window = self.open(place)
            geometry = self._store.value(f"window/{index}")
            if isinstance(geometry, QByteArray):
                window.restoreGeometry(geometry)  # Qt brings one whose screen is gone to one that is there

    def open(self, place: Place | None = None) -> Window:
        """One more."""
        window = Window(self._workplace)
        self._furnish(window, self._workplace)
        window.go(place or Place())
        window.window_asked.connect(self._open_beside)
        window.settings_asked.connect(self.open_settings)
        window.closed.connect(self._closed)
        window.moved_on.connect(self.remember)
        window.is_last = lambda: self.windows == [window]
        self.windows.append(window)
        window.show()
        return window

    def open_settings(self) -> None:
        """The dialog, before the window that asks."""
        if self._settings is None:
            active = next((window for window in self.windows if window.isActiveWindow()), self.windows[0])
            self._settings = SettingsDialog(self._workplace, active)
            self._settings.finished.connect(self._settings_closed)
        self._settings.show()
        self._settings.raise_()
        self._settings.activateWindow()

    def remember(self) -> None:
        """Where all of them are, for the next start."""
        if not self.windows:
            return
        places = json.dumps([asdict(window.place) for window in self.windows])
        self._workplace.drafts.put(_PLACES, places)
        for index, window in enumerate(self.windows):
            geometry = window.saveGeometry()
            if self._store.value(f"window/{index}") != geometry:
                self._store.setValue(f"window/{index}", geometry)

    def remake(self) -> None:
        """In the colours and words of now; each where it was."""
        old, self.windows = self.windows, []
        with_settings = self._settings is not None and self._settings.isVisible()
        self._drop_settings()
        for window in old:
            made = self.open(window.place)
            made.restoreGeometry(window.saveGeometry())
        _end(old)
        if with_settings:
            self.open_settings()

    def close(self) -> None:
        """All of them; they are remembered."""
        self.remember()
        self._timer.stop()
        self._drop_settings()
        old, self.windows = self.windows, []
        _end(old)

    def _remembered(self) -> list[Place]:
        try:
            return [Place(int(each["page"]), str(each["patient_id"])) for each in json.loads(self._kept())]
        except (ValueError, TypeError, KeyError):  # another version's
            return []

    def _kept(self) -> str:
        return self._workplace.drafts.get(_PLACES) or "[]"

    def _open_beside(self, place: Place) -> None:
        last = self.windows[-1]
        made = self.open(place)
        made.resize(last.size())
        made.move(last.x() + _OFFSET_PIXELS, last.y() + _OFFSET_PIXELS)

    def _closed(self) -> None:
        window = self.sender()
        if not isinstance(window, Window) or window not in self.windows:
            return
        if len(self.windows) == 1:
            self.remember()
        self.windows.remove(window)
        if self._settings is not None and self._settings.parent() is window:
            self._drop_settings()
        if not self.windows:
            self.all_closed.emit()

    def _settings_closed(self) -> None:
        self._drop_settings()

    def _drop_settings(self) -> None:
        if self._settings is not None:
            dialog, self._settings = self._settings, None
            dialog.hide()
            dialog.deleteLater()


def _end(windows: list[Window]) -> None:
    for window in windows:
        window.close()
