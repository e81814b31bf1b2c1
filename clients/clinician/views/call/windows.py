"""The windows of calls: one for each talk that is open; it shows itself while there is a call."""

from PySide6.QtCore import QObject

from clients.clinician.models.call.call import CallModel
from clients.clinician.models.call.telephone import Telephone
from clients.clinician.models.lock import Lock
from clients.clinician.views.call.window import CallWindow


class CallWindows(QObject):
    """Once for the whole app. While it is locked a call that rings has no name, and while there is a call it is not
    locked for want of a key."""

    def __init__(self, telephone: Telephone, lock: Lock) -> None:
        super().__init__()
        self._lock = lock
        self.windows: dict[CallModel, CallWindow] = {}
        for call in telephone.calls.values():
            self._install(call)
        telephone.installed.connect(self._install)
        telephone.removed.connect(self._remove)
        lock.changed.connect(self._cover_or_show)

    def close(self) -> None:
        """All of them."""
        for call in list(self.windows):
            self._remove(call)

    def _install(self, call: CallModel) -> None:
        self.windows[call] = CallWindow(call)
        self.windows[call].set_locked(self._lock.locked)

    def _remove(self, call: CallModel) -> None:
        window = self.windows.pop(call)
        window.hide()
        window.deleteLater()

    def _cover_or_show(self) -> None:
        for window in self.windows.values():
            window.set_locked(self._lock.locked)
