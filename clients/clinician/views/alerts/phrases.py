"""What is said of an alert."""

from datetime import datetime, timedelta

from apricot.glucose.v1 import alert_pb2 as pb
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from clients.clinician.models.alerts.alert_list import AlertList
from clients.clinician.models.alerts.standing import Who, instant, is_active, keeper, of_kind, who
from clients.clinician.models.desk import Desk
from clients.clinician.models.settings import Unit
from clients.clinician.models.ward.board import OLD_MINUTES
from clients.clinician.views import identity_words, words

_PEOPLE = {
    Who.YOU: QT_TRANSLATE_NOOP("Alerts", "You"),
    Who.PATIENT: QT_TRANSLATE_NOOP("Alerts", "The patient"),
    Who.FAMILY: QT_TRANSLATE_NOOP("Alerts", "Family"),
    Who.CLINIC: QT_TRANSLATE_NOOP("Alerts", "The clinic"),
    Who.SOMEBODY: QT_TRANSLATE_NOOP("Alerts", "Somebody"),
}
_HAVING = {
    Who.YOU: QT_TRANSLATE_NOOP("Alerts", "Acknowledged by you at {time}"),
    Who.PATIENT: QT_TRANSLATE_NOOP("Alerts", "Acknowledged by the patient at {time}"),
    Who.FAMILY: QT_TRANSLATE_NOOP("Alerts", "Acknowledged by family at {time}"),
    Who.CLINIC: QT_TRANSLATE_NOOP("Alerts", "Acknowledged by the clinic at {time}"),
    Who.SOMEBODY: QT_TRANSLATE_NOOP("Alerts", "Acknowledged by somebody else at {time}"),
}
_PASSING = {
    Who.FAMILY: QT_TRANSLATE_NOOP("Alerts", "Escalates to the family in {left}"),
    Who.CLINIC: QT_TRANSLATE_NOOP("Alerts", "Escalates to the clinic in {left}"),
}
_PASSING_NOW = {
    Who.FAMILY: QT_TRANSLATE_NOOP("Alerts", "Escalating to the family now"),
    Who.CLINIC: QT_TRANSLATE_NOOP("Alerts", "Escalating to the clinic now"),
}
_WAS_TO_PASS = {
    Who.FAMILY: QT_TRANSLATE_NOOP("Alerts", "Was due to escalate to the family at {time}"),
    Who.CLINIC: QT_TRANSLATE_NOOP("Alerts", "Was due to escalate to the clinic at {time}"),
}
_RESOLUTIONS = {
    pb.ALERT_RESOLUTION_RECOVERED: QT_TRANSLATE_NOOP("Alerts", "Recovered"),
    pb.ALERT_RESOLUTION_CORRECTED: QT_TRANSLATE_NOOP("Alerts", "The reading was corrected"),
    pb.ALERT_RESOLUTION_SUPERSEDED: QT_TRANSLATE_NOOP("Alerts", "A more urgent alert took its place"),
    pb.ALERT_RESOLUTION_RULE_CHANGED: QT_TRANSLATE_NOOP("Alerts", "The rule was changed"),
    pb.ALERT_RESOLUTION_STALE: QT_TRANSLATE_NOOP("Alerts", "Its readings are too old"),
}


def value(alerts: AlertList, alert: pb.Alert) -> str:
    """Return the newest value that is known, without the unit; "" where there is none."""
    unit = alerts.desk.settings.unit
    if (reading := alerts.newer(alert)) is not None:
        return words.value(reading.glucose, unit)
    return _raised_at(alert, unit)


def then(alerts: AlertList, alert: pb.Alert) -> str:
    """Return how old the newest value is and which other one raised the alert: "1 min ago · raised at 3.1"."""
    if not value(alerts, alert):
        return ""
    measured = alerts.measured(alert)
    if alerts.desk.connection.standing.is_stale or not is_active(alert):
        when = _say(QT_TRANSLATE_NOOP("Alerts", "at {time}")).format(time=words.clock(measured))
    else:
        when = words.ago(alerts.now - measured)
    raised = _raised_at(alert, alerts.desk.settings.unit)
    if alerts.newer(alert) is None or not raised:
        return when
    text = _say(QT_TRANSLATE_NOOP("Alerts", "{when} · raised at {value}"))
    return text.format(when=when, value=raised)


def is_old(alerts: AlertList, alert: pb.Alert) -> bool:
    """Return whether the newest value says nothing of now any more."""
    late = alerts.now - alerts.measured(alert) > timedelta(minutes=OLD_MINUTES)
    return late or alerts.desk.connection.standing.is_stale


def since(alert: pb.Alert, now: datetime) -> str:
    """From when on: "since 14:02 · 3 min"."""
    raised = instant(alert.raise_time)
    text = _say(QT_TRANSLATE_NOOP("Alerts", "since {time} · {age}"))
    return text.format(time=words.clock(raised), age=words.age(now - raised))


def standing(alerts: AlertList, alert: pb.Alert) -> str:
    """Who has it, or to whom it passes; how it ended."""
    if not is_active(alert):
        text = _say(QT_TRANSLATE_NOOP("Alerts", "{how} at {time}"))
        return text.format(how=resolution(alert), time=words.clock(instant(alert.resolve_time)))
    having = keeper(alert)
    if having is not None:
        text = _say(_HAVING[who(having, alerts.me)])
        return text.format(time=words.clock(instant(having.acknowledge_time)))
    if alerts.is_unsent(alert):
        return _say(QT_TRANSLATE_NOOP("Alerts", "Acknowledged by you · not sent yet"))
    if end := alerts.snooze(alert):
        return _say(QT_TRANSLATE_NOOP("Alerts", "Not acknowledged · silenced for you until {time}")).format(
            time=words.clock(end)
        )
    return _say(QT_TRANSLATE_NOOP("Alerts", "Not acknowledged"))


def passing(alerts: AlertList, alert: pb.Alert) -> str:
    """To whom it is passed on and when; nothing where it is not."""
    if not is_active(alert) or not alert.HasField("escalate_time"):
        return ""
    to = of_kind(alert.escalate_to)
    end = instant(alert.escalate_time)
    left = int((end - alerts.now).total_seconds())
    if left > 0:
        text = _PASSING.get(to, QT_TRANSLATE_NOOP("Alerts", "Escalates in {left}"))
        return _say(text).format(left=f"{left // 60}:{left % 60:02}")
    if keeper(alert):  # the escalation waits for a fresh reading that is still low
        return ""
    if alerts.is_live:
        return _say(_PASSING_NOW.get(to, QT_TRANSLATE_NOOP("Alerts", "Escalating now")))
    text = _WAS_TO_PASS.get(to, QT_TRANSLATE_NOOP("Alerts", "Was due to escalate at {time}"))
    return _say(text).format(time=words.clock(end))


def resolution(alert: pb.Alert) -> str:
    """Why it was resolved."""
    return _say(_RESOLUTIONS.get(alert.resolution, QT_TRANSLATE_NOOP("Alerts", "Resolved")))


def person(recipient: pb.AlertRecipient, me: str) -> str:
    """Who was told."""
    return _say(_PEOPLE[who(recipient, me)])


def deeds(recipient: pb.AlertRecipient, now: datetime) -> list[str]:
    """What became of it with somebody, in order."""
    times = {
        QT_TRANSLATE_NOOP("Alerts", "notified {time}"): recipient.raise_time,
        QT_TRANSLATE_NOOP("Alerts", "delivered {time}"): recipient.deliver_time,
        QT_TRANSLATE_NOOP("Alerts", "seen {time}"): recipient.see_time,
        QT_TRANSLATE_NOOP("Alerts", "acknowledged {time}"): recipient.acknowledge_time,
    }
    said = [_say(text).format(time=words.clock(instant(stamp))) for text, stamp in times.items() if stamp.seconds]
    if not said:
        said.append(_say(QT_TRANSLATE_NOOP("Alerts", "Not notified yet")))
    if recipient.told_count > 1:
        text = _say(QT_TRANSLATE_NOOP("Alerts", "notified {count} times, last at {time}"))
        said.append(text.format(count=recipient.told_count, time=words.clock(instant(recipient.tell_time))))
    if recipient.push_failed:
        said.append(_say(QT_TRANSLATE_NOOP("Alerts", "their devices could not be reached")))
    if recipient.HasField("snooze_end_time") and (end := instant(recipient.snooze_end_time)) > now:
        said.append(_say(QT_TRANSLATE_NOOP("Alerts", "silenced until {time}")).format(time=words.clock(end)))
    return said


def doubt(alerts: AlertList) -> tuple[str, str]:
    """Return why the window does not show the present, and what that means; twice "" while it does."""
    standing = alerts.desk.connection.standing
    if standing.is_stale:
        return stale(alerts.desk), _say(QT_TRANSLATE_NOOP("Alerts", "New lows do not appear here."))
    if (since := alerts.interrupted_since) is not None:
        title = _say(QT_TRANSLATE_NOOP("Alerts", "Alerts have stopped since {time}"))
        help_ = _say(QT_TRANSLATE_NOOP("Alerts", "New lows raise no alert. Look at your patients yourself."))
        return title.format(time=words.clock(since)), help_
    return "", ""


def stale(desk: Desk) -> str:
    """Return since when the window shows the past: "Not live since 09:39 (12 min)"."""
    known = desk.connection.standing.complete_until
    if known is None:
        return _say(QT_TRANSLATE_NOOP("Alerts", "No connection"))
    text = _say(QT_TRANSLATE_NOOP("Alerts", "Not live since {time} ({age})"))
    return text.format(time=words.clock(known), age=words.age(desk.now() - known))


def calm(alerts: AlertList) -> str:
    """Return what the bar says while no urgent alert waits."""
    if alerts.is_live:
        return _say(QT_TRANSLATE_NOOP("Alerts", "No urgent alert is waiting"))
    return _say(QT_TRANSLATE_NOOP("Alerts", "Catching up. Whether an alert is waiting is not known yet."))


def to_the_second(instant_shown: datetime) -> str:
    """An instant on this machine's clock, such as 14:05:09."""
    return instant_shown.astimezone().strftime("%H:%M:%S")


def sentence(alerts: AlertList, alert: pb.Alert) -> str:
    """All of a row, as a screen reader says it."""
    reading = f"{found} {alerts.desk.settings.unit.value}" if (found := value(alerts, alert)) else ""
    identity = alerts.identity(alert)
    parts = [
        identity_words.name(identity),
        identity_words.facts(identity),
        words.rule(alert.rule),
        reading,
        then(alerts, alert),
        since(alert, alerts.now),
        standing(alerts, alert),
        passing(alerts, alert),
    ]
    return ", ".join(part for part in parts if part)


def _raised_at(alert: pb.Alert, unit: Unit) -> str:
    return words.value(alert.glucose, unit) if alert.HasField("glucose") else ""


def _say(text: object) -> str:
    return QCoreApplication.translate("Alerts", str(text))
