"""Alerts on the ward: each patient's active ones, and what happened lately in words."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from apricot.glucose.v1.alert_pb2 import (
    ALERT_URGENCY_URGENT,
    Alert,
    AlertResolution,
    AlertRule,
    RecipientKind,
)
from apricot.glucose.v1.watch_pb2 import AlertsInterrupted

from clients.readings.alerts import holder, need

KEPT_NEWS = 50
_KEPT_ALERTS = 1000

_NAMES = {
    RecipientKind.RECIPIENT_KIND_PATIENT: "the patient",
    RecipientKind.RECIPIENT_KIND_FOLLOWER: "the family",
    RecipientKind.RECIPIENT_KIND_CLINICIAN: "the clinic",
}


@dataclass(frozen=True)
class News:
    """Something that happened to an alert."""

    time: datetime
    patient_id: str
    text: str
    urgent: bool


class Alarms:
    """What the watch has told of alerts."""

    def __init__(self) -> None:
        self._known: dict[str, Alert] = {}
        self.news: deque[News] = deque(maxlen=KEPT_NEWS)
        """The newest last."""
        self.untold: deque[News] = deque(maxlen=KEPT_NEWS)
        """Those that whoever tells them one by one has not taken yet."""
        self.interrupted_since: datetime | None = None
        """Readings from here on were not looked at for alerts; none: all is well."""

    def snapshot(self, patient_id: str, active: Iterable[Alert]) -> None:
        """All of a patient's active alerts; what is not among them has ended unseen."""
        found = {alert.alert_id: alert for alert in active}
        for alert in self.of(patient_id):
            if alert.alert_id not in found:
                del self._known[alert.alert_id]
        for alert in found.values():
            self.changed(alert)

    def changed(self, alert: Alert) -> list[News]:
        """Take in an alert as it now stands; what is new about it."""
        before = self._known.get(alert.alert_id)
        if before is not None and before.revision >= alert.revision:
            return []
        happened = list(_happened(before, alert))
        self.news.extend(happened)
        self.untold.extend(happened)
        self._known[alert.alert_id] = alert  # a resolved one too: it may yet be acknowledged
        if len(self._known) > _KEPT_ALERTS:
            del self._known[next(iter(self._known))]
        return happened

    def interrupted(self, told: AlertsInterrupted) -> None:
        """Take in the dead-man alarm."""
        self.interrupted_since = told.since.ToDatetime(UTC) if told.interrupted else None

    def of(self, patient_id: str) -> list[Alert]:
        """A patient's active alerts, the most pressing first."""
        mine = (alert for alert in self._known.values() if alert.patient_id == patient_id)
        active = [alert for alert in mine if not alert.HasField("resolve_time")]
        return sorted(active, key=lambda alert: (*need(alert), alert.raise_time.ToNanoseconds()))


def rule_name(alert: Alert) -> str:
    """Such as "urgent low"."""
    return AlertRule.Name(alert.rule).removeprefix("ALERT_RULE_").lower().replace("_", " ")


def standing(alert: Alert) -> str:
    """An active alert in a few words: "urgent low ✓ patient" who has it, "high → clinic" to whom it was passed on."""
    if found := holder(alert):
        return f"{rule_name(alert)} ✓ {_short(found.kind)}"
    kinds = {recipient.kind for recipient in alert.recipients} - {RecipientKind.RECIPIENT_KIND_PATIENT}
    return f"{rule_name(alert)} → {_short(max(kinds))}" if kinds else f"{rule_name(alert)}!"


def _short(kind: RecipientKind.ValueType) -> str:
    return _NAMES[kind].removeprefix("the ")


def _happened(before: Alert | None, alert: Alert) -> Iterable[News]:
    def news(time: datetime, text: str) -> News:
        return News(time, alert.patient_id, f"{rule_name(alert)} {text}", alert.urgency == ALERT_URGENCY_URGENT)

    if before is None:
        yield news(alert.raise_time.ToDatetime(UTC), "raised")
    known = {recipient.account_id: recipient for recipient in before.recipients} if before else {}
    told = {recipient.kind for recipient in known.values()} | {RecipientKind.RECIPIENT_KIND_PATIENT}
    for recipient in alert.recipients:
        if recipient.kind not in told:
            told.add(recipient.kind)
            yield news(recipient.raise_time.ToDatetime(UTC), f"passed on to {_NAMES[recipient.kind]}")
    for recipient in alert.recipients:
        earlier = known.get(recipient.account_id)
        if recipient.HasField("acknowledge_time") and not (earlier and earlier.HasField("acknowledge_time")):
            yield news(recipient.acknowledge_time.ToDatetime(UTC), f"acknowledged by {_NAMES[recipient.kind]}")
    if alert.HasField("resolve_time") and not (before and before.HasField("resolve_time")):
        why = AlertResolution.Name(alert.resolution).removeprefix("ALERT_RESOLUTION_").lower().replace("_", " ")
        yield news(alert.resolve_time.ToDatetime(UTC), f"resolved: {why}")
