"""Which alerts there are, put together from snapshots, changes, answers and lists that may cross each other. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime

from apricot.glucose.v1.alert_pb2 import Alert

from clients.clinician.models.alerts.standing import instant, is_active


class Board:
    """The newest known revision of each alert that is active or was resolved lately."""

    def __init__(self) -> None:
        self._known: dict[str, Alert] = {}
        self._ended: dict[str, Alert] = {}
        """Active when last heard of, and missing in a snapshot since: nobody has told how they ended."""

    @property
    def active(self) -> list[Alert]:
        return [alert for alert in self._known.values() if is_active(alert)]

    @property
    def resolved(self) -> list[Alert]:
        """Those of lately, the last one first."""
        found = [alert for alert in self._known.values() if not is_active(alert)]
        return sorted(found, key=lambda alert: alert.resolve_time.ToNanoseconds(), reverse=True)

    def find(self, alert_id: str) -> Alert | None:
        return self._known.get(alert_id)

    def take(self, alert: Alert) -> bool:
        """An alert as somebody has told it; False when that was known already, or is older than what is."""
        known, ended = self._known.get(alert.alert_id), self._ended.get(alert.alert_id)
        if (known and known.revision >= alert.revision) or (ended and ended.revision > alert.revision):
            return False
        self._ended.pop(alert.alert_id, None)
        self._known[alert.alert_id] = alert
        return True

    def end_others(self, patient_id: str, active: Iterable[Alert]) -> list[Alert]:
        """A snapshot has these of a patient's alone: the others, which have ended without anybody telling how."""
        found = {alert.alert_id for alert in active}
        ended = [alert for alert in self.active if alert.patient_id == patient_id and alert.alert_id not in found]
        for alert in ended:
            self._ended[alert.alert_id] = self._known.pop(alert.alert_id)
        return ended

    def keep(self, patient_ids: Collection[str], since: datetime) -> bool:
        """Forget other patients, and what was resolved before; whether there was any."""
        gone = [
            alert.alert_id
            for alert in self._known.values()
            if alert.patient_id not in patient_ids or (not is_active(alert) and instant(alert.resolve_time) < since)
        ]
        for alert_id in gone:
            del self._known[alert_id]
        self._ended = {key: alert for key, alert in self._ended.items() if alert.patient_id in patient_ids}
        return bool(gone)
