"""Many changes, one look: what comes within a frame is shown together."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

FRAME_MILLISECONDS = 16


class OncePerFrame(QObject):
    """Calls back once a frame, at most, after it was asked."""

    def __init__(self, show: Callable[[], None], milliseconds: int = FRAME_MILLISECONDS) -> None:
        super().__init__()
        self._timer = QTimer(self, singleShot=True, interval=milliseconds)
        self._timer.timeout.connect(show)

    def ask(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
