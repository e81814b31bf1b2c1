"""Words that several pages use."""

from datetime import datetime, timedelta

from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.alert_pb2 import AlertRule
from apricot.glucose.v1.entry_pb2 import Glucose
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from clients.clinician.models.settings import Unit
from clients.readings.levels import BOUNDS, Level, mg_per_dl, number
from clients.sdk import ApricotError
from glycemia.units import MG_PER_DL_PER_MMOL_PER_L

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_RULES = {
    AlertRule.ALERT_RULE_URGENT_LOW: QT_TRANSLATE_NOOP("AlertRules", "Urgent low"),
    AlertRule.ALERT_RULE_URGENT_LOW_SOON: QT_TRANSLATE_NOOP("AlertRules", "Urgent low soon"),
    AlertRule.ALERT_RULE_LOW: QT_TRANSLATE_NOOP("AlertRules", "Low"),
    AlertRule.ALERT_RULE_HIGH: QT_TRANSLATE_NOOP("AlertRules", "High"),
    AlertRule.ALERT_RULE_URGENT_HIGH: QT_TRANSLATE_NOOP("AlertRules", "Urgent high"),
    AlertRule.ALERT_RULE_FALLING_FAST: QT_TRANSLATE_NOOP("AlertRules", "Falling fast"),
    AlertRule.ALERT_RULE_RISING_FAST: QT_TRANSLATE_NOOP("AlertRules", "Rising fast"),
    AlertRule.ALERT_RULE_MISSING_DATA: QT_TRANSLATE_NOOP("AlertRules", "No readings"),
}
_OTHER_RULE = QT_TRANSLATE_NOOP("AlertRules", "Alert")
_NOW_SECONDS = 3


def value(glucose: Glucose, unit: Unit) -> str:
    """As a meter of that unit shows it, without the unit: "7.4", "133", "LOW". What was measured in the same unit stays
    as it was."""
    if glucose.bound in BOUNDS or glucose.unit == unit.of_contract:
        return number(glucose)
    return concentration(mg_per_dl(glucose), unit)


def concentration(mg_per_dl: float, unit: Unit) -> str:
    """A calculated one in the unit, without it."""
    return f"{mg_per_dl:.0f}" if unit is Unit.MG_PER_DL else f"{mg_per_dl / MG_PER_DL_PER_MMOL_PER_L:.1f}"


def level(of: Level | None) -> str:
    """A band's name."""
    return {
        None: QCoreApplication.translate("Words", "No reading"),
        Level.VERY_LOW: QCoreApplication.translate("Words", "Very low"),
        Level.LOW: QCoreApplication.translate("Words", "Low"),
        Level.IN_RANGE: QCoreApplication.translate("Words", "In range"),
        Level.HIGH: QCoreApplication.translate("Words", "High"),
        Level.VERY_HIGH: QCoreApplication.translate("Words", "Very high"),
    }[of]


def rule(of: AlertRule.ValueType) -> str:
    """Return an alert's name, the same on every screen."""
    return QCoreApplication.translate("AlertRules", str(_RULES.get(of, _OTHER_RULE)))


def age(passed: timedelta) -> str:
    """How long ago: "now", "12 s", "3 min", "5 h", "2 d"."""
    seconds = int(passed.total_seconds())
    if seconds < _NOW_SECONDS:
        return QCoreApplication.translate("Words", "now")
    if seconds < _MINUTE:
        return QCoreApplication.translate("Words", "{count} s").format(count=seconds)
    if seconds < _HOUR:
        return QCoreApplication.translate("Words", "{count} min").format(count=seconds // _MINUTE)
    if seconds < 2 * _DAY:
        return QCoreApplication.translate("Words", "{count} h").format(count=seconds // _HOUR)
    return QCoreApplication.translate("Words", "{count} d").format(count=seconds // _DAY)


def ago(passed: timedelta) -> str:
    """Behind what was so then: "just now", "3 min ago"."""
    if passed.total_seconds() < _NOW_SECONDS:
        return QCoreApplication.translate("Words", "just now")
    return QCoreApplication.translate("Words", "{age} ago").format(age=age(passed))


def clock(instant: datetime) -> str:
    """An instant on this machine's clock, such as 14:05."""
    return instant.astimezone().strftime("%H:%M")


_PROBLEMS = {
    Reason.REASON_UNAVAILABLE: QT_TRANSLATE_NOOP(
        "Words", "The platform cannot be reached just now. Try again in a moment."
    ),
    Reason.REASON_RATE_LIMITED: QT_TRANSLATE_NOOP("Words", "Too many tries. Wait a little, then try again."),
    Reason.REASON_SESSION_ENDED: QT_TRANSLATE_NOOP("Words", "Your session has ended. Sign in again."),
    Reason.REASON_PATIENT_ACCESS_DENIED: QT_TRANSLATE_NOOP("Words", "The patient has not opened this to you."),
    Reason.REASON_GRANT_ENDED: QT_TRANSLATE_NOOP("Words", "The patient has ended your access."),
    Reason.REASON_NOT_FOUND: QT_TRANSLATE_NOOP("Words", "It does not exist any more."),
    Reason.REASON_WRONG_STATE: QT_TRANSLATE_NOOP("Words", "It has changed meanwhile."),
    Reason.REASON_PRESCRIPTION_UNSAFE: QT_TRANSLATE_NOOP("Words", "The safety check found a danger. It was not sent."),
    Reason.REASON_AGE_UNKNOWN: QT_TRANSLATE_NOOP(
        "Words", "The patient's birth date is not known. Without it no medicine is planned."
    ),
    Reason.REASON_NOT_ALLOWED: QT_TRANSLATE_NOOP("Words", "You are not allowed to do this."),
    Reason.REASON_REVISION_MISMATCH: QT_TRANSLATE_NOOP(
        "Words", "Somebody has changed it meanwhile. Look at the new one first."
    ),
}


def problem(error: ApricotError) -> str:
    """What went wrong and what to do, by the reason; the platform's own words where there are none of ours."""
    reason = Reason.REASON_UNAVAILABLE if error.temporary and error.reason not in _PROBLEMS else error.reason
    return QCoreApplication.translate("Words", str(_PROBLEMS[reason])) if reason in _PROBLEMS else error.message
