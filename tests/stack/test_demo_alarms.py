"""Alerts on the ward: who comes first, who has it, and what is told of each change, once."""

from datetime import timedelta

from apricot.glucose.v1.alert_pb2 import (
    ALERT_RESOLUTION_RECOVERED,
    ALERT_RULE_HIGH,
    ALERT_RULE_LOW,
    ALERT_RULE_URGENT_LOW,
    ALERT_URGENCY_URGENT,
    ALERT_URGENCY_WARNING,
    RECIPIENT_KIND_CLINICIAN,
    RECIPIENT_KIND_PATIENT,
    Alert,
)
from apricot.glucose.v1.events_pb2 import AlertChanged
from apricot.glucose.v1.watch_pb2 import AlertsInterrupted, PatientSnapshot, WatchPatientsResponse
from apricot.identity.v1.care_pb2 import Patient

from stack.demo.alarms import Alarms, standing
from stack.demo.ward import Ward
from tests.stack.demo_readings import NOW, series

WANG, LIN = "5b0c2b4e-0000-4000-8000-000000000001", "5b0c2b4e-0000-4000-8000-000000000002"
DOCTOR = "5b0c2b4e-0000-4000-8000-000000000003"


def alert(alert_id: str = "a", patient: str = WANG, rule: "int" = ALERT_RULE_URGENT_LOW, minute: int = 0) -> Alert:
    urgency = ALERT_URGENCY_URGENT if rule == ALERT_RULE_URGENT_LOW else ALERT_URGENCY_WARNING
    made = Alert(alert_id=alert_id, patient_id=patient, rule=rule, urgency=urgency, revision=1)  # type: ignore[arg-type]
    made.raise_time.FromDatetime(NOW + timedelta(minutes=minute))
    told = made.recipients.add(account_id=patient, kind=RECIPIENT_KIND_PATIENT)
    told.raise_time.CopyFrom(made.raise_time)
    return made


def passed_on(before: Alert) -> Alert:
    after = Alert()
    after.CopyFrom(before)
    after.revision += 1
    doctor = after.recipients.add(account_id=DOCTOR, kind=RECIPIENT_KIND_CLINICIAN)
    doctor.raise_time.FromDatetime(NOW + timedelta(minutes=30))
    return after


def acknowledged(before: Alert) -> Alert:
    after = Alert()
    after.CopyFrom(before)
    after.revision += 1
    after.recipients[-1].acknowledge_time.FromDatetime(NOW + timedelta(minutes=31))
    return after


def resolved(before: Alert) -> Alert:
    after = Alert()
    after.CopyFrom(before)
    after.revision += 1
    after.resolution = ALERT_RESOLUTION_RECOVERED
    after.resolve_time.FromDatetime(NOW + timedelta(minutes=60))
    return after


def test_each_change_is_told_once() -> None:
    alarms = Alarms()
    first = alert()
    second = passed_on(first)
    third = acknowledged(second)
    for step in first, first, second, third, second, resolved(third):
        alarms.changed(step)
    assert [one.text for one in alarms.news] == [
        "urgent low raised",
        "urgent low passed on to the clinic",
        "urgent low acknowledged by the clinic",
        "urgent low resolved: recovered",
    ]
    assert alarms.of(WANG) == []


def test_an_acknowledgement_after_the_end_is_all_that_is_told_then() -> None:
    alarms = Alarms()
    ended = resolved(alert())
    for step in alert(), ended, acknowledged(ended):
        alarms.changed(step)
    assert [one.text for one in alarms.news] == [
        "urgent low raised",
        "urgent low resolved: recovered",
        "urgent low acknowledged by the patient",
    ]
    assert alarms.of(WANG) == []


def test_who_has_it_is_said() -> None:
    first = alert()
    assert standing(first) == "urgent low!"
    assert standing(passed_on(first)) == "urgent low → clinic"
    assert standing(acknowledged(first)) == "urgent low ✓ patient"


def test_the_most_pressing_comes_first() -> None:
    alarms = Alarms()
    urgent, low, high = alert("u"), alert("l", rule=ALERT_RULE_LOW), alert("h", rule=ALERT_RULE_HIGH, minute=-9)
    for each in high, low, urgent:
        alarms.changed(each)
    assert [found.alert_id for found in alarms.of(WANG)] == ["u", "l", "h"]
    alarms.changed(acknowledged(urgent))
    assert [found.alert_id for found in alarms.of(WANG)] == ["l", "h", "u"]


def test_an_urgent_alert_that_nobody_has_leads_the_ward() -> None:
    ward = Ward([Patient(patient_id=WANG, display_name="Wang"), Patient(patient_id=LIN, display_name="Lin")])
    ward.apply(WatchPatientsResponse(snapshot=PatientSnapshot(patient_id=LIN, entries=series(60))))
    ward.apply(
        WatchPatientsResponse(snapshot=PatientSnapshot(patient_id=WANG, entries=series(100), active_alerts=[alert()]))
    )
    assert [row.name for row in ward.rows()] == ["Wang", "Lin"]
    changed = AlertChanged(patient_id=WANG, alert=acknowledged(alert()))
    ward.apply(WatchPatientsResponse(alert_changed=changed))
    assert [row.name for row in ward.rows()] == ["Lin", "Wang"]


def test_the_dead_man_alarm_is_kept_until_it_is_over() -> None:
    ward = Ward()
    interrupted = AlertsInterrupted(interrupted=True)
    interrupted.since.FromDatetime(NOW)
    ward.apply(WatchPatientsResponse(alerts_interrupted=interrupted))
    assert ward.alarms.interrupted_since == NOW
    ward.apply(WatchPatientsResponse(alerts_interrupted=AlertsInterrupted()))
    assert ward.alarms.interrupted_since is None


def test_a_snapshot_forgets_what_it_does_not_hold() -> None:
    alarms = Alarms()
    alarms.changed(alert())
    alarms.snapshot(WANG, [])
    assert alarms.of(WANG) == []
