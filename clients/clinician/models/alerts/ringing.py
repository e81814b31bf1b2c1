"""Rings for the alerts that press her."""

from PySide6.QtCore import QObject, Signal

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.alerts.sounding import Situation, Sounding
from clients.clinician.models.alerts.standing import is_urgent, keeper, must_be_shown
from clients.sdk import Phase


class Ringing(QObject):
    """Looks at each change and each second what is due to sound; once for the whole app, however many windows."""

    rang = Signal(object)
    """A Tone, to be heard now."""

    def __init__(self, alerts: AlertList) -> None:
        super().__init__()
        self._alerts = alerts
        self._sounding = Sounding()
        alerts.changed.connect(self._look)
        alerts.desk.second.connect(self._look)

    def _look(self) -> None:
        desk = self._alerts.desk
        tone = self._sounding.due(situation(self._alerts), desk.now(), sound=desk.settings.sound)
        if tone is not None:
            self.rang.emit(tone)


def situation(alerts: AlertList) -> Situation:
    """What presses her now. What she has acknowledged rests, also while the platform does not know yet."""
    pressing = [
        alert
        for alert in alerts.active
        if keeper(alert) is None and alerts.snooze(alert) is None and not alerts.is_unsent(alert)
    ]
    return Situation(
        urgent_lows=frozenset(alert.alert_id for alert in pressing if must_be_shown(alert)),
        urgent=frozenset((alert.alert_id, "urgent") for alert in pressing if is_urgent(alert)),
        warnings=frozenset(alert.alert_id for alert in pressing if not is_urgent(alert)),
        interrupted=alerts.interrupted_since is not None,
        stale=alerts.desk.connection.standing.phase is Phase.STALE,
    )
