"""The dead-man alarm: a silence that is a fault, not peace."""

from PySide6.QtWidgets import QFrame

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.views.alerts import phrases
from clients.clinician.views.alerts.marks import Mark, MarkOf
from clients.clinician.views.parts import label, row, show_if
from clients.clinician.views.theme import SPACE, font, theme


class InterruptedNotice(QFrame):
    """In sight as long as nobody looks for alerts; nothing closes it."""

    def __init__(self, alerts: AlertList) -> None:
        super().__init__()
        self._alerts = alerts
        self.setProperty("role", "urgent")
        self._words = label(wraps=True)
        self._words.setFont(font(14))
        self._words.setStyleSheet(f"color: {theme().urgent}; font-weight: 700;")
        inside = row(MarkOf(Mark.URGENT, "urgent", "urgent_surface"), self._words, spacing=2 * SPACE)
        inside.setStretch(1, 1)
        inside.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        self.setLayout(inside)
        alerts.changed.connect(self._show)
        self._show()

    def text(self) -> str:
        return self._words.text()

    def _show(self) -> None:
        text = phrases.interrupted(self._alerts)
        self._words.setText(text)
        self.setAccessibleName(text)
        show_if(bool(text), self)
