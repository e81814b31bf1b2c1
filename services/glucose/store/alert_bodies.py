"""Alerts and their rules as they are stored and sent: the contract's messages, to and from the domain's values."""

from datetime import datetime
from uuid import UUID

from apricot.glucose.v1 import alert_pb2
from apricot.glucose.v1.entry_pb2 import Glucose, GlucoseBound, GlucoseUnit

from kit.times import to_datetime, to_timestamp
from services.glucose.domain.alerts.model import (
    Alert,
    Recipient,
    RecipientKind,
    RecipientState,
    Resolution,
    Rule,
    Urgency,
)
from services.glucose.domain.alerts.rules import QuietHours, Rules


def alert_message(alert: Alert) -> alert_pb2.Alert:
    """An alert as the contract has it."""
    message = alert_pb2.Alert(
        alert_id=str(alert.alert_id),
        patient_id=str(alert.patient_id),
        rule=alert_pb2.AlertRule.ValueType(alert.rule),
        urgency=alert_pb2.AlertUrgency.ValueType(alert.urgency),
        raise_time=to_timestamp(alert.raise_time),
        resolution=alert_pb2.AlertResolution.ValueType(alert.resolution or 0),
        cause_entry_id=str(alert.cause_entry_id or ""),
        cause_time=to_timestamp(alert.cause_time),
        rate_mg_per_dl_per_minute=alert.rate_mg_per_dl_per_minute,
        predicted_mg_per_dl=alert.predicted_mg_per_dl,
        recipients=[_recipient_message(recipient) for recipient in alert.recipients],
        escalate_to=alert_pb2.RecipientKind.ValueType(alert.escalate_to or 0),
        revision=alert.revision,
    )
    if alert.measured is not None:
        value, unit, bound = alert.measured
        glucose = Glucose(value=value, unit=GlucoseUnit.ValueType(unit), bound=GlucoseBound.ValueType(bound))
        message.glucose.CopyFrom(glucose)
    _set_instants(message, resolve_time=alert.resolve_time, escalate_time=alert.escalate_time)
    return message


def read_alert(body: bytes) -> Alert:
    """A stored alert."""
    message = alert_pb2.Alert.FromString(body)
    glucose = message.glucose
    return Alert(
        alert_id=UUID(message.alert_id),
        patient_id=UUID(message.patient_id),
        rule=Rule(message.rule),
        urgency=Urgency(message.urgency),
        raise_time=to_datetime(message.raise_time),
        cause_time=to_datetime(message.cause_time),
        cause_entry_id=UUID(message.cause_entry_id) if message.cause_entry_id else None,
        measured=(glucose.value, glucose.unit, glucose.bound) if message.HasField("glucose") else None,
        rate_mg_per_dl_per_minute=(
            message.rate_mg_per_dl_per_minute if message.HasField("rate_mg_per_dl_per_minute") else None
        ),
        predicted_mg_per_dl=message.predicted_mg_per_dl if message.HasField("predicted_mg_per_dl") else None,
        resolve_time=_instant(message, "resolve_time"),
        resolution=Resolution(message.resolution) if message.resolution else None,
        recipients=[_read_recipient(recipient) for recipient in message.recipients],
        escalate_time=_instant(message, "escalate_time"),
        escalate_to=RecipientKind(message.escalate_to) if message.escalate_to else None,
        revision=message.revision,
    )


def rules_message(rules: Rules) -> alert_pb2.AlertRules:
    """Rules as the contract has them."""
    message = alert_pb2.AlertRules(
        urgent_low_mg_per_dl=rules.urgent_low_mg_per_dl,
        low_mg_per_dl=rules.low_mg_per_dl,
        high_mg_per_dl=rules.high_mg_per_dl,
        urgent_high_mg_per_dl=rules.urgent_high_mg_per_dl,
        fast_mg_per_dl_per_minute=rules.fast_mg_per_dl_per_minute,
        missing_data_minutes=rules.missing_data_minutes,
        switched_off=[alert_pb2.AlertRule.ValueType(rule) for rule in sorted(rules.switched_off)],
        revision=rules.revision,
        author_id=str(rules.author_id or ""),
    )
    if rules.quiet_hours:
        message.quiet_hours.start_minute = rules.quiet_hours.start_minute
        message.quiet_hours.end_minute = rules.quiet_hours.end_minute
        message.quiet_hours.time_zone = rules.quiet_hours.time_zone
    _set_instants(message, update_time=rules.update_time)
    return message


def read_rules(message: alert_pb2.AlertRules) -> Rules:
    """Rules from a message."""
    hours = message.quiet_hours
    return Rules(
        urgent_low_mg_per_dl=message.urgent_low_mg_per_dl,
        low_mg_per_dl=message.low_mg_per_dl,
        high_mg_per_dl=message.high_mg_per_dl,
        urgent_high_mg_per_dl=message.urgent_high_mg_per_dl,
        fast_mg_per_dl_per_minute=message.fast_mg_per_dl_per_minute,
        missing_data_minutes=message.missing_data_minutes,
        switched_off=frozenset(map(Rule, message.switched_off)),
        quiet_hours=(
            QuietHours(hours.start_minute, hours.end_minute, hours.time_zone)
            if message.HasField("quiet_hours")
            else None
        ),
        revision=message.revision,
        author_id=UUID(message.author_id) if message.author_id else None,
        update_time=_instant(message, "update_time"),
    )


def _recipient_message(recipient: Recipient) -> alert_pb2.AlertRecipient:
    message = alert_pb2.AlertRecipient(
        account_id=str(recipient.account_id),
        kind=alert_pb2.RecipientKind.ValueType(recipient.kind),
        state=alert_pb2.RecipientState.ValueType(recipient.state),
        snoozer_id=str(recipient.snoozer_id or ""),
        told_count=recipient.told_count,
        failed_push_count=recipient.failed_push_count,
        push_failed=recipient.push_failed,
    )
    _set_instants(
        message,
        raise_time=recipient.raise_time,
        deliver_time=recipient.deliver_time,
        see_time=recipient.see_time,
        acknowledge_time=recipient.acknowledge_time,
        snooze_end_time=recipient.snooze_end_time,
        tell_time=recipient.tell_time,
    )
    return message


def _read_recipient(message: alert_pb2.AlertRecipient) -> Recipient:
    return Recipient(
        account_id=UUID(message.account_id),
        kind=RecipientKind(message.kind),
        raise_time=_instant(message, "raise_time"),
        state=RecipientState(message.state),
        deliver_time=_instant(message, "deliver_time"),
        see_time=_instant(message, "see_time"),
        acknowledge_time=_instant(message, "acknowledge_time"),
        snooze_end_time=_instant(message, "snooze_end_time"),
        snoozer_id=UUID(message.snoozer_id) if message.snoozer_id else None,
        told_count=message.told_count,
        tell_time=_instant(message, "tell_time"),
        failed_push_count=message.failed_push_count,
        push_failed=message.push_failed,
    )


type _Message = alert_pb2.Alert | alert_pb2.AlertRules | alert_pb2.AlertRecipient


def _instant(message: _Message, field: str) -> datetime | None:
    return to_datetime(getattr(message, field)) if message.HasField(field) else None  # type: ignore[arg-type]


def _set_instants(message: _Message, **instants: datetime | None) -> None:
    for field, instant in instants.items():
        if instant is not None:
            getattr(message, field).CopyFrom(to_timestamp(instant))
