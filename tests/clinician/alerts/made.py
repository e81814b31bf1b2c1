"""Alerts as the platform might tell them, made by the tests."""

from datetime import UTC, datetime, timedelta

from apricot.glucose.v1 import alert_pb2 as pb
from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MG_PER_DL, Glucose

BEGIN = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
ME = "00000000-0000-4000-8000-000000000001"
PATIENT = "00000000-0000-4000-8000-0000000000aa"
MOTHER = "00000000-0000-4000-8000-0000000000bb"
COLLEAGUE = "00000000-0000-4000-8000-0000000000cc"
KINDS = {
    PATIENT: pb.RECIPIENT_KIND_PATIENT,
    MOTHER: pb.RECIPIENT_KIND_FOLLOWER,
    ME: pb.RECIPIENT_KIND_CLINICIAN,
    COLLEAGUE: pb.RECIPIENT_KIND_CLINICIAN,
}


def at(minutes: float) -> datetime:
    """So many minutes after the begin."""
    return BEGIN + timedelta(minutes=minutes)


def alert(
    alert_id: str = "a",
    *,
    rule: pb.AlertRule.ValueType = pb.ALERT_RULE_URGENT_LOW,
    urgency: pb.AlertUrgency.ValueType = pb.ALERT_URGENCY_URGENT,
    patient_id: str = PATIENT,
    raised: float = 0,
    resolved: float | None = None,
    revision: int = 1,
    mg_per_dl: float = 50,
    recipients: tuple[pb.AlertRecipient, ...] = (),
) -> pb.Alert:
    """An alert; times are minutes after the begin."""
    made = pb.Alert(alert_id=alert_id, patient_id=patient_id, rule=rule, urgency=urgency, revision=revision)
    made.glucose.CopyFrom(Glucose(value=mg_per_dl, unit=GLUCOSE_UNIT_MG_PER_DL))
    made.raise_time.FromDatetime(at(raised))
    made.cause_time.FromDatetime(at(raised))
    made.recipients.extend(recipients)
    if resolved is not None:
        made.resolve_time.FromDatetime(at(resolved))
        made.resolution = pb.ALERT_RESOLUTION_RECOVERED
    return made


def recipient(
    account_id: str = ME,
    *,
    raised: float | None = 0,
    told: float | None = None,
    seen: float | None = None,
    acknowledged: float | None = None,
    snoozed_to: float | None = None,
) -> pb.AlertRecipient:
    """One who was told; times likewise."""
    made = pb.AlertRecipient(account_id=account_id, kind=KINDS[account_id], state=pb.RECIPIENT_STATE_RAISED)
    for stamp, minutes in (
        (made.raise_time, raised),
        (made.tell_time, told),
        (made.see_time, seen),
        (made.acknowledge_time, acknowledged),
        (made.snooze_end_time, snoozed_to),
    ):
        if minutes is not None:
            stamp.FromDatetime(at(minutes))
    return made
