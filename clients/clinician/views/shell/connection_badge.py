"""Whether what the screen shows is true, always in sight."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from clients.clinician.models.desk import Desk
from clients.clinician.views import words
from clients.clinician.views.theme import theme
from clients.sdk import Phase


class ConnectionBadge(QLabel):
    """Live, catching up, or stale since an instant."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        desk.connection.changed.connect(self._show)
        desk.second.connect(self._show)
        self._show()

    def _show(self) -> None:
        standing = self._desk.connection.standing
        match standing.phase:
            case Phase.LIVE:
                text, color = self.tr("● Live"), theme().good
            case Phase.CATCHING_UP:
                text, color = self.tr("◐ Catching up"), theme().warning
            case _ if standing.complete_until is None:
                text, color = self.tr("✕ No connection"), theme().urgent
            case _:
                since = self.tr("✕ Stale since {time}")
                text, color = since.format(time=words.clock(standing.complete_until)), theme().urgent
        self.setText(text)
        self.setStyleSheet(f"color: {color}; font-weight: 600;")
        self.setAccessibleName(text)
        self.setToolTip(words.problem(standing.cause) if standing.cause else "")
