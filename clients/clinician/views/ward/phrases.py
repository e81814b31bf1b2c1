"""The board's words."""

from datetime import timedelta

from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT, Alert, RecipientKind
from PySide6.QtCore import QCoreApplication

from clients.clinician.models.settings import Unit
from clients.clinician.models.ward.needs import owner_of
from clients.clinician.models.ward.row import Band, Filter, Owner, Row
from clients.clinician.models.ward.shares import Share
from clients.clinician.views import identity_words, words
from clients.readings.levels import Level
from clients.readings.trend import arrow


def owner(of: Owner) -> str:
    """Who has an alert."""
    return {
        Owner.NOBODY: QCoreApplication.translate("Words", "Not acknowledged"),
        Owner.ME: QCoreApplication.translate("Words", "You acknowledged"),
        Owner.CLINIC: QCoreApplication.translate("Words", "Colleague acknowledged"),
        Owner.FAMILY: QCoreApplication.translate("Words", "Family acknowledged"),
        Owner.PATIENT: QCoreApplication.translate("Words", "Patient acknowledged"),
        Owner.NO_ALERT: QCoreApplication.translate("Words", "No alert"),
    }[of]


def told(alert: Alert) -> str:
    """To whom an alert that nobody has was passed on; empty: to the patient alone."""
    kinds = {recipient.kind for recipient in alert.recipients}
    if RecipientKind.RECIPIENT_KIND_CLINICIAN in kinds:
        return QCoreApplication.translate("Words", "escalated to the clinic")
    if RecipientKind.RECIPIENT_KIND_FOLLOWER in kinds:
        return QCoreApplication.translate("Words", "escalated to the family")
    return ""


def band(of: Band) -> str:
    """A band's name."""
    if of is Band.URGENT:
        return QCoreApplication.translate("Words", "Urgent, not acknowledged")
    if of is Band.OLD:
        return QCoreApplication.translate("Words", "Old reading")
    return words.level(None if of is Band.NONE else Level[of.name])


def filter_name(of: Filter) -> str:
    """A filter's."""
    return {
        Filter.ALL: QCoreApplication.translate("Words", "All"),
        Filter.ATTENTION: QCoreApplication.translate("Words", "Needs attention"),
        Filter.URGENT: QCoreApplication.translate("Words", "Urgent"),
        Filter.LOW: QCoreApplication.translate("Words", "Low"),
        Filter.HIGH: QCoreApplication.translate("Words", "High"),
        Filter.OLD: QCoreApplication.translate("Words", "Old"),
        Filter.NONE: QCoreApplication.translate("Words", "No data"),
    }[of]


def filter_tip(of: Filter) -> str:
    """Whom it shows."""
    return {
        Filter.ALL: QCoreApplication.translate("Words", "Every patient who has opened their data to you"),
        Filter.ATTENTION: QCoreApplication.translate(
            "Words", "An alert that is not acknowledged; low, very low or very high now, or low when last seen"
        ),
        Filter.URGENT: QCoreApplication.translate("Words", "An urgent alert is active, acknowledged or not"),
        Filter.LOW: QCoreApplication.translate("Words", "Low or very low now"),
        Filter.HIGH: QCoreApplication.translate("Words", "High or very high now"),
        Filter.OLD: QCoreApplication.translate("Words", "The last reading is more than 15 minutes old"),
        Filter.NONE: QCoreApplication.translate("Words", "No reading at all, or none that you may see"),
    }[of]


def status(row: Row, *, stale: bool) -> tuple[str, str]:
    """Where a patient stands, and a second line. `stale`: nobody knows where they stand now."""
    if not row.shows_glucose:
        return QCoreApplication.translate("Words", "Not shared"), ""
    if not row.is_known:
        return QCoreApplication.translate("Words", "Unknown"), QCoreApplication.translate("Words", "waiting for data")
    if stale and row.level is not None:
        last = QCoreApplication.translate("Words", "was: {level}").format(level=words.level(row.level))
        return QCoreApplication.translate("Words", "Not live"), last
    if row.is_old:
        last = QCoreApplication.translate("Words", "was: {level}").format(level=words.level(row.level))
        return QCoreApplication.translate("Words", "Old reading"), last
    return words.level(row.level), ""


def change(mg_per_dl: float, unit: Unit) -> str:
    """Since the last step, with its sign: "+0.3"."""
    shown = words.concentration(abs(mg_per_dl), unit)
    sign = "±" if not float(shown) else "+" if mg_per_dl > 0 else "−"
    return sign + shown


def trend(rate: float | None) -> str:
    """An arrow in words; empty where nobody can tell."""
    return {
        "": "",
        "→": QCoreApplication.translate("Words", "steady"),
        "↗": QCoreApplication.translate("Words", "rising"),
        "↑": QCoreApplication.translate("Words", "rising fast"),
        "↑↑": QCoreApplication.translate("Words", "rising very fast"),
        "↘": QCoreApplication.translate("Words", "falling"),
        "↓": QCoreApplication.translate("Words", "falling fast"),
        "↓↓": QCoreApplication.translate("Words", "falling very fast"),
    }[arrow(rate)]


def in_range(share: Share) -> str:
    """Of a day, such as "72 %"."""
    return f"{share.percents.get(Level.IN_RANGE, 0.0):.0f} %"


def source(row: Row) -> str:
    """Below the age: what measured it, or that it has stopped."""
    if row.newest is None:
        return ""
    if not row.newest.from_sensor:
        return QCoreApplication.translate("Words", "fingerstick")
    return QCoreApplication.translate("Words", "sensor silent") if row.is_old else ""


def spoken(row: Row, share: Share | None, unit: Unit, me: str, now_ns: int, *, stale: bool) -> str:
    """All that is seen of a row, in one sentence each."""
    who = row.identity
    parts = [identity_words.name(who), identity_words.facts(who), *status(row, stale=stale)]
    if (newest := row.newest) is not None:
        parts.append(f"{words.value(newest.glucose, unit)} {unit.value}")
        if not row.is_old and not stale:
            parts.append(trend(row.rate))
            if row.change is not None:
                parts.append(
                    QCoreApplication.translate("Words", "{change} since the last reading").format(
                        change=change(row.change, unit)
                    )
                )
        parts.append(QCoreApplication.translate("Words", "measured: {age}").format(age=age(now_ns - newest.time_ns)))
        parts.append(source(row))
    if row.alert is not None:
        parts.append(
            QCoreApplication.translate("Words", "urgent alert")
            if row.alert.urgency == ALERT_URGENCY_URGENT
            else QCoreApplication.translate("Words", "alert")
        )
        parts += [words.rule(row.alert.rule), owner(owner_of(row, me)), told(row.alert)]
        if len(row.alerts) > 1:
            parts.append(QCoreApplication.translate("Words", "{count} more alerts").format(count=len(row.alerts) - 1))
    if share is not None and share.percents:
        parts.append(
            QCoreApplication.translate("Words", "in range {percent} of 24 hours").format(percent=in_range(share))
        )
    return ", ".join(filter(None, parts))


def age(passed_ns: int) -> str:
    """How long ago."""
    return words.age(timedelta(microseconds=max(passed_ns, 0) / 1000))
