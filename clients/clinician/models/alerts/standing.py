"""How an alert stands: whom it presses, who has it, what may be done about it. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from apricot.glucose.v1.alert_pb2 import (
    ALERT_RULE_FALLING_FAST,
    ALERT_RULE_HIGH,
    ALERT_RULE_LOW,
    ALERT_RULE_MISSING_DATA,
    ALERT_RULE_RISING_FAST,
    ALERT_RULE_URGENT_HIGH,
    ALERT_RULE_URGENT_LOW,
    ALERT_RULE_URGENT_LOW_SOON,
    ALERT_URGENCY_URGENT,
    RECIPIENT_KIND_CLINICIAN,
    RECIPIENT_KIND_FOLLOWER,
    RECIPIENT_KIND_PATIENT,
    Alert,
    AlertRecipient,
    AlertRule,
    RecipientKind,
)
from google.protobuf.timestamp_pb2 import Timestamp


class Who(StrEnum):
    """One who was told, as far as the contract tells."""

    YOU = "you"
    PATIENT = "patient"
    FAMILY = "family"
    CLINIC = "clinic"
    SOMEBODY = "somebody"
    """Of a kind newer than this app."""


_KINDS: Mapping[RecipientKind.ValueType, Who] = {
    RECIPIENT_KIND_PATIENT: Who.PATIENT,
    RECIPIENT_KIND_FOLLOWER: Who.FAMILY,
    RECIPIENT_KIND_CLINICIAN: Who.CLINIC,
}

_RULES_BY_NEED = [
    ALERT_RULE_URGENT_LOW,
    ALERT_RULE_URGENT_LOW_SOON,
    ALERT_RULE_LOW,
    ALERT_RULE_URGENT_HIGH,
    ALERT_RULE_FALLING_FAST,
    ALERT_RULE_MISSING_DATA,
    ALERT_RULE_HIGH,
    ALERT_RULE_RISING_FAST,
]

_LOW_SNOOZES = 15, 30, 45, 60
_URGENT_LOW_SNOOZES = 5, 10, 15, 30
_OTHER_SNOOZES = 30, 60, 90, 120
_SNOOZES: Mapping[AlertRule.ValueType, tuple[int, ...]] = {
    ALERT_RULE_URGENT_LOW: _URGENT_LOW_SNOOZES,
    ALERT_RULE_URGENT_LOW_SOON: _URGENT_LOW_SNOOZES,
    ALERT_RULE_LOW: _LOW_SNOOZES,
}


def instant(stamp: Timestamp) -> datetime:
    """Of the contract's time, aware."""
    return stamp.ToDatetime(UTC)


def is_active(alert: Alert) -> bool:
    return not alert.HasField("resolve_time")


def is_urgent(alert: Alert) -> bool:
    return alert.urgency == ALERT_URGENCY_URGENT


def of_kind(kind: RecipientKind.ValueType) -> Who:
    """Who such recipients are."""
    return _KINDS.get(kind, Who.SOMEBODY)


def who(recipient: AlertRecipient, me: str) -> Who:
    """Who that is, to the account `me`."""
    return Who.YOU if recipient.account_id == me else of_kind(recipient.kind)


def own(alert: Alert, me: str) -> AlertRecipient | None:
    """The account's own part in it; none: neither told, nor looked after it unasked."""
    return next((recipient for recipient in alert.recipients if recipient.account_id == me), None)


def keeper(alert: Alert) -> AlertRecipient | None:
    """Who has it: the first to have acknowledged it, of those who were not asked again since. An urgent low that lasts
    asks those who have it again after half an hour: then nobody has it until somebody says so anew."""
    having = [recipient for recipient in alert.recipients if _has_it(recipient)]
    return min(having, key=lambda recipient: recipient.acknowledge_time.ToNanoseconds(), default=None)


def snoozed_until(recipient: AlertRecipient | None, now: datetime) -> datetime | None:
    """Until when somebody is left alone; none: they are not."""
    if recipient is None or not recipient.HasField("snooze_end_time"):
        return None
    end = instant(recipient.snooze_end_time)
    return end if end > now else None


def need(alert: Alert, me: str, now: datetime) -> tuple[bool, bool, bool, int, int]:
    """Sorts: what nobody has before what somebody has, urgent before the rest, what she is not to be disturbed with
    behind its like, lows before highs, the oldest first."""
    rank = _RULES_BY_NEED.index(alert.rule) if alert.rule in _RULES_BY_NEED else len(_RULES_BY_NEED)
    snoozed = snoozed_until(own(alert, me), now) is not None
    return keeper(alert) is not None, not is_urgent(alert), snoozed, rank, alert.raise_time.ToNanoseconds()


def must_be_shown(alert: Alert) -> bool:
    """Whether nothing may hide it: an urgent low that nobody has."""
    return is_active(alert) and alert.rule == ALERT_RULE_URGENT_LOW and keeper(alert) is None


def snooze_choices(rule: AlertRule.ValueType) -> tuple[int, ...]:
    """The minutes to choose from, within what the contract allows for the rule."""
    return _SNOOZES.get(rule, _OTHER_SNOOZES)


def escalation_left(alert: Alert, now: datetime) -> float:
    """What is left, 1 to 0, of the time until it is passed on."""
    told = [recipient.raise_time for recipient in alert.recipients if recipient.HasField("raise_time")]
    begin = max([instant(alert.raise_time), *map(instant, told)])
    end = instant(alert.escalate_time)
    if now >= end or begin >= end:
        return 0.0
    return min(1.0, (end - now) / (end - begin))


def _has_it(recipient: AlertRecipient) -> bool:
    if not recipient.HasField("acknowledge_time"):
        return False
    acknowledged = recipient.acknowledge_time.ToNanoseconds()
    return not recipient.HasField("tell_time") or recipient.tell_time.ToNanoseconds() <= acknowledged
