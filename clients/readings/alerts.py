"""Which alert presses, and who has it."""

from apricot.glucose.v1.alert_pb2 import (
    ALERT_RULE_LOW,
    ALERT_RULE_URGENT_LOW,
    ALERT_URGENCY_URGENT,
    Alert,
    AlertRecipient,
)

_FIRST = ALERT_RULE_URGENT_LOW, ALERT_RULE_LOW


def need(alert: Alert) -> tuple[bool, bool, bool]:
    """Sorts: what nobody has before what somebody has, urgent before the rest, low before high."""
    return holder(alert) is not None, alert.urgency != ALERT_URGENCY_URGENT, alert.rule not in _FIRST


def holder(alert: Alert) -> AlertRecipient | None:
    """Who has acknowledged it first."""
    having = [recipient for recipient in alert.recipients if recipient.HasField("acknowledge_time")]
    return min(having, key=lambda recipient: recipient.acknowledge_time.ToNanoseconds(), default=None)
