"""`AlertService`: rules within safe bounds, lists, and what each recipient did."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_ALERT_WRITE
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import alert_pb2 as pb

from kit.errors import ApricotError
from kit.views import View, Window
from services.glucose.domain.alerts.rules import (
    SnoozeTooLongError,
    UnsafeThresholdsError,
)
from services.glucose.domain.entries import RevisionMismatchError
from tests.glucose.alerts.clinic import Clinic, recipient

URGENT_LOW, HIGH = pb.ALERT_RULE_URGENT_LOW, pb.ALERT_RULE_HIGH


async def rules_of(clinic: Clinic, patient: UUID) -> pb.AlertRules:
    request = pb.GetAlertRulesRequest(patient_id=str(patient))
    return (await clinic.rpc.GetAlertRules(request, clinic.call("GetAlertRules", patient, patient))).rules


async def test_the_defaults_hold_until_somebody_sets_others(clinic: Clinic, patient: UUID) -> None:
    assert await rules_of(clinic, patient) == pb.AlertRules(
        urgent_low_mg_per_dl=55,
        low_mg_per_dl=70,
        high_mg_per_dl=180,
        urgent_high_mg_per_dl=250,
        fast_mg_per_dl_per_minute=2,
        missing_data_minutes=20,
    )


async def test_each_update_is_a_revision_with_its_author(clinic: Clinic, patient: UUID) -> None:
    await clinic.set_rules(patient, low_mg_per_dl=75)
    rules = await clinic.set_rules(patient, high_mg_per_dl=200)
    assert (rules.revision, rules.author_id) == (2, str(patient))
    assert (rules.low_mg_per_dl, rules.high_mg_per_dl) == (75, 200)
    assert await rules_of(clinic, patient) == rules
    async with clinic.database.connection() as connection:
        assert await connection.fetchval("select count(*) from alert_rules where patient_id = $1", patient) == 2


@pytest.mark.parametrize(
    "unsafe",
    [
        {"urgent_low_mg_per_dl": 44},
        {"urgent_low_mg_per_dl": 66},
        {"low_mg_per_dl": 59},
        {"low_mg_per_dl": 101},
        {"urgent_low_mg_per_dl": 65, "low_mg_per_dl": 65},
        {"urgent_low_mg_per_dl": 65, "low_mg_per_dl": 60},
        {"high_mg_per_dl": 119},
        {"high_mg_per_dl": 301, "urgent_high_mg_per_dl": 400},
        {"high_mg_per_dl": 250},
        {"urgent_high_mg_per_dl": 401},
        {"fast_mg_per_dl_per_minute": 1.9},
        {"fast_mg_per_dl_per_minute": 5.1},
        {"missing_data_minutes": 14},
        {"missing_data_minutes": 61},
    ],
)
async def test_unsafe_thresholds_are_refused(clinic: Clinic, patient: UUID, unsafe: dict[str, object]) -> None:
    with pytest.raises(UnsafeThresholdsError):
        await clinic.set_rules(patient, **unsafe)
    assert (await rules_of(clinic, patient)).revision == 0


async def test_quiet_hours_in_no_zone_are_refused(clinic: Clinic, patient: UUID) -> None:
    with pytest.raises(ApricotError) as caught:
        await clinic.set_rules(patient, quiet_hours=pb.QuietHours(time_zone="Asia/Nowhere"))
    assert caught.value.reason == Reason.REASON_INVALID_FIELD


async def test_an_update_of_what_has_changed_meanwhile_is_refused(clinic: Clinic, patient: UUID) -> None:
    rules = await clinic.set_rules(patient, low_mg_per_dl=75)
    request = pb.UpdateAlertRulesRequest(
        patient_id=str(patient), request_id=str(uuid4()), rules=rules, expected_revision=0
    )
    with pytest.raises(RevisionMismatchError):
        await clinic.rpc.UpdateAlertRules(request, clinic.call("UpdateAlertRules", patient, patient))


@pytest.mark.parametrize(
    ("value", "rule", "minutes", "is_allowed"),
    [
        (50, URGENT_LOW, 30, True),
        (50, URGENT_LOW, 31, False),
        (65, pb.ALERT_RULE_LOW, 60, True),
        (65, pb.ALERT_RULE_LOW, 61, False),
        (200, HIGH, 120, True),
        (200, HIGH, 121, False),
    ],
)
async def test_a_snooze_is_bounded_by_its_rule(
    clinic: Clinic, patient: UUID, value: float, rule: pb.AlertRule.ValueType, minutes: int, is_allowed: bool
) -> None:
    for at in 0, 5:
        await clinic.sensor(patient, at, value)
    alert = await clinic.one(patient, rule)
    if is_allowed:
        assert recipient(await clinic.snooze(alert, patient, minutes), patient).HasField("snooze_end_time")
    else:
        with pytest.raises(SnoozeTooLongError):
            await clinic.snooze(alert, patient, minutes)


async def test_a_resolved_alert_is_acknowledged_and_not_snoozed(clinic: Clinic, patient: UUID) -> None:
    for at, value in (0, 50), (5, 90), (10, 90), (15, 90):
        await clinic.sensor(patient, at, value)
    alert = await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), patient)
    assert recipient(alert, patient).state == pb.RECIPIENT_STATE_RESOLVED
    assert recipient(alert, patient).HasField("acknowledge_time")
    with pytest.raises(ApricotError) as caught:
        await clinic.snooze(alert, patient, 15)
    assert caught.value.reason == Reason.REASON_WRONG_STATE


async def test_seen_goes_forward_only(clinic: Clinic, patient: UUID) -> None:
    await clinic.sensor(patient, 0, 50)
    alert = await clinic.one(patient, URGENT_LOW)

    async def see() -> pb.AlertRecipient:
        return recipient(await clinic.see(alert, patient), patient)

    first = await see()
    assert first.state == pb.RECIPIENT_STATE_SEEN
    await clinic.acknowledge(alert, patient)
    clinic.now += timedelta(minutes=1)
    second = await see()
    assert second.state == pb.RECIPIENT_STATE_ACKNOWLEDGED
    assert second.see_time == first.see_time


async def test_somebody_else_s_alert_is_as_good_as_none(clinic: Clinic, patient: UUID) -> None:
    await clinic.sensor(patient, 0, 50)
    alert = await clinic.one(patient, URGENT_LOW)
    alert.patient_id = str(uuid4())
    with pytest.raises(ApricotError) as caught:
        await clinic.acknowledge(alert, UUID(alert.patient_id))
    assert caught.value.reason == Reason.REASON_NOT_FOUND


async def test_a_grant_of_another_time_shows_no_alert(clinic: Clinic, patient: UUID) -> None:
    await clinic.sensor(patient, 0, 50)
    alert, doctor = await clinic.one(patient, URGENT_LOW), uuid4()
    call = clinic.call("ListAlerts", doctor, patient)
    call.views[patient] = View(frozenset({Window(SCOPE_ALERT_READ, end_time=clinic.now - timedelta(hours=1))}))
    listed = await clinic.rpc.ListAlerts(pb.ListAlertsRequest(patient_ids=[str(patient)]), call)
    assert not listed.alerts
    request = pb.MarkAlertSeenRequest(patient_id=str(patient), alert_id=alert.alert_id, request_id=str(uuid4()))
    with pytest.raises(ApricotError) as caught:
        await clinic.rpc.MarkAlertSeen(request, call)
    assert caught.value.reason == Reason.REASON_NOT_FOUND


async def test_a_grant_of_another_time_neither_shows_nor_sets_the_rules_of_now(clinic: Clinic, patient: UUID) -> None:
    rules = await rules_of(clinic, patient)
    past = clinic.now - timedelta(hours=1)
    call = clinic.call("UpdateAlertRules", uuid4(), patient)
    call.views[patient] = View(frozenset(Window(s, end_time=past) for s in (SCOPE_ALERT_READ, SCOPE_ALERT_WRITE)))
    update = pb.UpdateAlertRulesRequest(patient_id=str(patient), request_id=str(uuid4()), rules=rules)
    with pytest.raises(ApricotError) as caught:
        await clinic.rpc.UpdateAlertRules(update, call)
    assert caught.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED
    with pytest.raises(ApricotError) as caught:
        await clinic.rpc.GetAlertRules(pb.GetAlertRulesRequest(patient_id=str(patient)), call)
    assert caught.value.reason == Reason.REASON_PATIENT_ACCESS_DENIED
    assert await rules_of(clinic, patient) == rules


async def test_pages_of_several_patients_newest_first(clinic: Clinic) -> None:
    patients = [uuid4() for _ in range(3)]
    for minutes in range(0, 100, 20):
        for number, patient in enumerate(patients):
            value = 50 if minutes % 40 == 0 else 100
            await clinic.sensor(patient, minutes + number, value)
            await clinic.sensor(patient, minutes + 5 + number, value)
    every = sorted(
        [alert for patient in patients for alert in await clinic.alerts(patient)],
        key=lambda alert: (alert.raise_time.ToMicroseconds(), UUID(alert.alert_id)),
        reverse=True,
    )
    assert len(every) >= 9
    call = clinic.call("ListAlerts", uuid4(), patients[0])
    for patient in patients:
        call.views[patient] = View(frozenset({Window(SCOPE_ALERT_READ)}))
    request = pb.ListAlertsRequest(patient_ids=map(str, patients), page_size=4)
    listed: list[pb.Alert] = []
    while True:
        page = await clinic.rpc.ListAlerts(request, call)
        listed += page.alerts
        request.page_token = page.next_page_token
        if not page.next_page_token:
            break
    assert listed == every
    request = pb.ListAlertsRequest(patient_ids=map(str, patients), active_only=True, page_size=1000)
    active = (await clinic.rpc.ListAlerts(request, call)).alerts
    assert list(active) == [alert for alert in every if not alert.HasField("resolve_time")]
    request.active_only = False
    request.start_time.FromDatetime(datetime(2099, 1, 1, tzinfo=UTC))
    assert not (await clinic.rpc.ListAlerts(request, call)).alerts


async def test_a_repeat_of_a_request_is_one_acknowledgement(clinic: Clinic, patient: UUID) -> None:
    await clinic.sensor(patient, 0, 50)
    alert = await clinic.one(patient, URGENT_LOW)
    request = pb.AcknowledgeAlertRequest(patient_id=str(patient), alert_id=alert.alert_id, request_id=str(uuid4()))
    call = clinic.call("AcknowledgeAlert", patient, patient)
    first = await clinic.rpc.AcknowledgeAlert(request, call)
    clinic.now += timedelta(minutes=1)
    assert await clinic.rpc.AcknowledgeAlert(request, call) == first
    assert len([item for item in await clinic.timeline(patient) if item.actor_id]) == 1
