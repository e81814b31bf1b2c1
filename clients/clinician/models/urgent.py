"""How many urgent alerts are active: all that a locked screen says."""

from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT, Alert
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.feed import Feed


class UrgentAlerts(QObject):
    """Whoever has them; `changed` with the count."""

    changed = Signal()

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self._patient_of: dict[str, str] = {}
        """Of each active urgent alert, by its id."""
        self._feed = feed
        feed.updated.connect(self._take)
        feed.patients_changed.connect(self._leave)

    @property
    def count(self) -> int:
        return len(self._patient_of)

    def _take(self, update: WatchPatientsResponse) -> None:
        match update.WhichOneof("event"):
            case "snapshot":
                self._drop(update.snapshot.patient_id)
                for alert in update.snapshot.active_alerts:
                    self._consider(alert)
            case "alert_changed":
                self._consider(update.alert_changed.alert)
            case _:
                return
        self.changed.emit()

    def _consider(self, alert: Alert) -> None:
        self._patient_of.pop(alert.alert_id, None)
        if alert.urgency == ALERT_URGENCY_URGENT and not alert.HasField("resolve_time"):
            self._patient_of[alert.alert_id] = alert.patient_id

    def _drop(self, patient_id: str) -> None:
        self._patient_of = {alert: patient for alert, patient in self._patient_of.items() if patient != patient_id}

    def _leave(self) -> None:
        self._patient_of = {
            alert: patient for alert, patient in self._patient_of.items() if patient in self._feed.patients
        }
        self.changed.emit()
