"""What users of today's systems complain about, each line a test. Bare #n is nightscout/cgm-remote-monitor."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_ALERT_WRITE
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import alert_pb2 as pb

from kit.errors import ApricotError
from kit.times import to_datetime
from tests.glucose.alerts.clinic import Clinic, clinician, follower, recipient

URGENT_LOW, LOW, HIGH = pb.ALERT_RULE_URGENT_LOW, pb.ALERT_RULE_LOW, pb.ALERT_RULE_HIGH
MISSING = pb.ALERT_RULE_MISSING_DATA


async def stays(clinic: Clinic, patient: UUID, value: float, start: int, end: int) -> None:
    for minutes in range(start, end + 1, 5):
        await clinic.sensor(patient, minutes, value)


async def told_count(clinic: Clinic, patient: UUID, rule: pb.AlertRule.ValueType) -> int:
    return recipient(await clinic.one(patient, rule), patient).told_count


async def test_a_snooze_is_not_ignored(clinic: Clinic, patient: UUID) -> None:
    """#8194 #8231"""
    await stays(clinic, patient, 50, 0, 0)
    await clinic.snooze(await clinic.one(patient, URGENT_LOW), patient, 30)
    await stays(clinic, patient, 50, 5, 25)
    assert await told_count(clinic, patient, URGENT_LOW) == 1
    await stays(clinic, patient, 50, 30, 30)
    assert await told_count(clinic, patient, URGENT_LOW) == 2


async def test_a_snooze_outlives_the_alert_that_it_silenced(clinic: Clinic, patient: UUID) -> None:
    """#8194: back for a moment and high again is no reason to ring in the snoozed hour."""
    await stays(clinic, patient, 200, 0, 5)
    await clinic.snooze(await clinic.one(patient, HIGH), patient, 60)
    await stays(clinic, patient, 160, 10, 25)
    await stays(clinic, patient, 200, 30, 60)
    (_, again) = [alert for alert in await clinic.alerts(patient) if alert.rule == HIGH]
    assert not again.HasField("resolve_time")
    assert recipient(again, patient).told_count == 0
    await clinic.sensor(patient, 65, 200)
    again = (await clinic.active(patient))[HIGH]
    assert recipient(again, patient).told_count == 1


async def test_a_snooze_can_be_cancelled(clinic: Clinic, patient: UUID) -> None:
    """#1081"""
    await stays(clinic, patient, 200, 0, 5)
    alert = await clinic.snooze(await clinic.one(patient, HIGH), patient, 120)
    assert to_datetime(recipient(alert, patient).snooze_end_time) == clinic.now + timedelta(minutes=120)
    await clinic.pass_to(7)
    await clinic.cancel_snooze(alert, patient)
    await clinic.due()
    assert await told_count(clinic, patient, HIGH) == 2


async def test_an_acknowledgement_does_not_silence_the_next_alert(clinic: Clinic, patient: UUID) -> None:
    """#5180"""
    await stays(clinic, patient, 65, 0, 5)
    await clinic.acknowledge(await clinic.one(patient, LOW), patient)
    await stays(clinic, patient, 90, 10, 25)
    await stays(clinic, patient, 65, 30, 35)
    again = (await clinic.active(patient))[LOW]
    assert recipient(again, patient).told_count == 1
    assert recipient(again, patient).state == pb.RECIPIENT_STATE_RAISED


async def test_an_acknowledged_urgent_low_is_told_again_after_30_minutes(clinic: Clinic, patient: UUID) -> None:
    """#5180"""
    await stays(clinic, patient, 50, 0, 0)
    await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), patient)
    await stays(clinic, patient, 50, 5, 25)
    assert await told_count(clinic, patient, URGENT_LOW) == 1
    await stays(clinic, patient, 50, 30, 30)
    assert await told_count(clinic, patient, URGENT_LOW) == 2
    await stays(clinic, patient, 50, 35, 35)
    assert await told_count(clinic, patient, URGENT_LOW) == 3
    await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), patient)
    await stays(clinic, patient, 50, 40, 60)
    assert await told_count(clinic, patient, URGENT_LOW) == 3


async def test_a_snoozed_low_does_not_silence_a_high(clinic: Clinic, patient: UUID) -> None:
    """#6348"""
    await stays(clinic, patient, 65, 0, 5)
    await clinic.snooze(await clinic.one(patient, LOW), patient, 60)
    await clinic.acknowledge(await clinic.one(patient, LOW), patient)
    await stays(clinic, patient, 260, 10, 10)
    assert await told_count(clinic, patient, pb.ALERT_RULE_URGENT_HIGH) == 1


async def test_missing_data_reaches_followers(clinic: Clinic, patient: UUID) -> None:
    """xDrip#4052 LoopFollow#449"""
    mother, doctor = uuid4(), uuid4()
    clinic.circle.carers_of[patient] = [follower(mother), clinician(doctor)]
    await stays(clinic, patient, 110, 0, 10)
    await clinic.pass_to(39)
    assert [found.account_id for found in (await clinic.one(patient, MISSING)).recipients] == [str(patient)]
    await clinic.pass_to(40)
    alert = await clinic.one(patient, MISSING)
    assert recipient(alert, mother).told_count == 1
    await clinic.pass_to(60)
    assert recipient(await clinic.one(patient, MISSING), doctor).told_count == 1


async def test_stale_data_does_not_raise_a_high_again(clinic: Clinic, patient: UUID) -> None:
    """xDrip#4688"""
    await stays(clinic, patient, 300, 0, 5)
    rule = pb.ALERT_RULE_URGENT_HIGH
    await clinic.acknowledge(await clinic.one(patient, rule), patient)
    await clinic.snooze(await clinic.one(patient, rule), patient, 30)
    await clinic.pass_to(180)
    assert await told_count(clinic, patient, rule) == 1
    assert (await clinic.one(patient, rule)).resolution == pb.ALERT_RESOLUTION_STALE


async def test_a_caregiver_snoozes_for_the_patient_from_afar(clinic: Clinic, patient: UUID) -> None:
    """xDrip#306"""
    mother = uuid4()
    await stays(clinic, patient, 50, 0, 0)
    alert = await clinic.one(patient, URGENT_LOW)
    with pytest.raises(ApricotError) as caught:
        await clinic.snooze(alert, mother, 15, SCOPE_ALERT_READ, for_patient=True)
    assert caught.value.reason == Reason.REASON_NOT_ALLOWED
    both = SCOPE_ALERT_READ, SCOPE_ALERT_WRITE
    alert = await clinic.snooze(alert, mother, 15, *both, for_patient=True)
    assert recipient(alert, patient).snoozer_id == str(mother)
    await stays(clinic, patient, 50, 5, 10)
    assert await told_count(clinic, patient, URGENT_LOW) == 1
    await clinic.cancel_snooze(alert, mother, *both, for_patient=True)
    await clinic.due()
    assert await told_count(clinic, patient, URGENT_LOW) == 2


async def test_an_acknowledgement_is_somebody_s(clinic: Clinic, patient: UUID) -> None:
    """Acknowledgement is global and nobody knows whose."""
    mother, father = uuid4(), uuid4()
    clinic.circle.carers_of[patient] = [follower(mother), follower(father)]
    await stays(clinic, patient, 50, 0, 10)
    await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), mother)
    await stays(clinic, patient, 50, 15, 20)
    alert = await clinic.one(patient, URGENT_LOW)
    assert recipient(alert, mother).state == pb.RECIPIENT_STATE_ACKNOWLEDGED
    assert recipient(alert, mother).told_count == 1
    for account in patient, father:
        assert recipient(alert, account).state == pb.RECIPIENT_STATE_RAISED
        assert not recipient(alert, account).HasField("acknowledge_time")
    assert recipient(alert, patient).told_count == 5
    (step,) = [item for item in await clinic.timeline(patient) if item.actor_id]
    assert step.actor_id == str(mother)
    assert step.cause.alert_id == alert.alert_id
