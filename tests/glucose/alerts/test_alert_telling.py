"""Who is told, and when."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from apricot.glucose.v1 import alert_pb2 as pb
from apricot.glucose.v1.timeline_pb2 import ALERT_STEP_KIND_ESCALATED, ALERT_STEP_KIND_RAISED

from kit.times import to_datetime
from tests.glucose.alerts.clinic import SENSOR, Clinic, clinician, follower, recipient

URGENT_LOW, LOW, HIGH = pb.ALERT_RULE_URGENT_LOW, pb.ALERT_RULE_LOW, pb.ALERT_RULE_HIGH


async def stays(clinic: Clinic, patient: UUID, value: float, start: int, end: int) -> None:
    for minutes in range(start, end + 1, 5):
        await clinic.sensor(patient, minutes, value)


def accounts(alert: pb.Alert) -> list[str]:
    return [found.account_id for found in alert.recipients]


async def test_the_patient_then_followers_then_clinicians(clinic: Clinic, patient: UUID) -> None:
    mother, doctor = uuid4(), uuid4()
    clinic.circle.carers_of[patient] = [clinician(doctor), follower(mother)]
    await stays(clinic, patient, 200, 0, 10)
    alert = await clinic.one(patient, HIGH)
    assert accounts(alert) == [str(patient)]
    assert to_datetime(alert.escalate_time) == clinic.at(15)
    assert alert.escalate_to == pb.RECIPIENT_KIND_FOLLOWER
    await stays(clinic, patient, 200, 15, 30)
    alert = await clinic.one(patient, HIGH)
    assert accounts(alert) == [str(patient), str(mother)]
    assert to_datetime(alert.escalate_time) == clinic.at(35)
    await stays(clinic, patient, 200, 35, 40)
    alert = await clinic.one(patient, HIGH)
    assert accounts(alert) == [str(patient), str(mother), str(doctor)]
    assert not alert.HasField("escalate_time")
    passed_on = [step.escalated_to for step in await clinic.steps(patient) if step.kind == ALERT_STEP_KIND_ESCALATED]
    assert passed_on == [pb.RECIPIENT_KIND_FOLLOWER, pb.RECIPIENT_KIND_CLINICIAN]


async def test_an_acknowledgement_of_a_high_ends_its_escalation(clinic: Clinic, patient: UUID) -> None:
    mother, doctor = uuid4(), uuid4()
    clinic.circle.carers_of[patient] = [clinician(doctor), follower(mother)]
    await stays(clinic, patient, 200, 0, 15)
    alert = await clinic.acknowledge(await clinic.one(patient, HIGH), mother)
    assert not alert.HasField("escalate_time")
    await stays(clinic, patient, 200, 20, 90)
    assert accounts(await clinic.one(patient, HIGH)) == [str(patient), str(mother)]


async def test_an_acknowledged_urgent_low_that_lasts_is_escalated(clinic: Clinic, patient: UUID) -> None:
    mother, doctor = uuid4(), uuid4()
    clinic.circle.carers_of[patient] = [clinician(doctor), follower(mother)]
    await stays(clinic, patient, 50, 0, 5)
    alert = await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), patient)
    assert to_datetime(alert.escalate_time) == clinic.at(35)
    assert alert.escalate_to == pb.RECIPIENT_KIND_FOLLOWER
    await stays(clinic, patient, 50, 10, 30)
    assert accounts(await clinic.one(patient, URGENT_LOW)) == [str(patient)]
    await stays(clinic, patient, 50, 35, 50)
    alert = await clinic.one(patient, URGENT_LOW)
    assert accounts(alert) == [str(patient), str(mother)]
    assert to_datetime(alert.escalate_time) == clinic.at(55)
    await stays(clinic, patient, 50, 55, 55)
    alert = await clinic.one(patient, URGENT_LOW)
    assert accounts(alert) == [str(patient), str(mother), str(doctor)]
    assert recipient(alert, doctor).told_count == 1


async def test_a_further_fall_ends_an_acknowledgement(clinic: Clinic, patient: UUID) -> None:
    """The patient may be confused by the low: the follower is told at once, the doctor 20 minutes later."""
    mother, doctor = uuid4(), uuid4()
    clinic.circle.carers_of[patient] = [clinician(doctor), follower(mother)]
    await stays(clinic, patient, 52, 0, 5)
    rung = recipient(await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), patient), patient).told_count
    await stays(clinic, patient, 44, 10, 15)
    alert = await clinic.one(patient, URGENT_LOW)
    assert accounts(alert) == [str(patient)]
    assert recipient(alert, patient).told_count == rung
    await stays(clinic, patient, 41, 20, 20)
    await clinic.due()
    alert = await clinic.one(patient, URGENT_LOW)
    assert accounts(alert) == [str(patient), str(mother)]
    assert recipient(alert, patient).told_count == rung + 1
    assert to_datetime(alert.escalate_time) == clinic.at(40)
    await clinic.acknowledge(alert, mother)
    await stays(clinic, patient, 41, 25, 49)
    alert = await clinic.one(patient, URGENT_LOW)
    assert accounts(alert) == [str(patient), str(mother)]
    assert recipient(alert, mother).told_count == 1
    await stays(clinic, patient, 41, 50, 50)
    assert accounts(await clinic.one(patient, URGENT_LOW)) == [str(patient), str(mother), str(doctor)]


async def test_an_earlier_low_does_not_hide_a_further_fall(clinic: Clinic, patient: UUID) -> None:
    mother = uuid4()
    clinic.circle.carers_of[patient] = [follower(mother)]
    await stays(clinic, patient, 41, 0, 0)
    await stays(clinic, patient, 100, 5, 25)
    await stays(clinic, patient, 52, 30, 30)
    alert = (await clinic.active(patient))[URGENT_LOW]
    await clinic.acknowledge(alert, patient)
    await stays(clinic, patient, 41, 35, 35)
    await clinic.due()
    assert accounts((await clinic.active(patient))[URGENT_LOW]) == [str(patient), str(mother)]


async def test_an_acknowledged_low_without_fresh_readings_waits(clinic: Clinic, patient: UUID) -> None:
    """The missing data have an alert of their own, which is escalated; should the low go on, so is it."""
    mother = uuid4()
    clinic.circle.carers_of[patient] = [follower(mother)]
    await stays(clinic, patient, 50, 0, 5)
    await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), patient)
    await clinic.pass_to(44)
    assert accounts(await clinic.one(patient, URGENT_LOW)) == [str(patient)]
    missing = await clinic.one(patient, pb.ALERT_RULE_MISSING_DATA)
    assert recipient(missing, mother).told_count == 1
    await stays(clinic, patient, 50, 45, 45)
    await clinic.due()
    assert accounts(await clinic.one(patient, URGENT_LOW)) == [str(patient), str(mother)]


async def test_an_acknowledgement_quiets_the_carers_for_30_minutes(clinic: Clinic, patient: UUID) -> None:
    """The doctor has been told when the patient and her mother answer: he is not rung again while they have it."""
    mother, doctor = uuid4(), uuid4()
    clinic.circle.carers_of[patient] = [clinician(doctor), follower(mother)]
    await stays(clinic, patient, 50, 0, 30)
    rung = recipient(await clinic.one(patient, URGENT_LOW), doctor).told_count
    assert rung == 1
    alert = await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), patient)
    await clinic.acknowledge(alert, mother)
    await stays(clinic, patient, 50, 35, 55)
    assert recipient(await clinic.one(patient, URGENT_LOW), doctor).told_count == rung
    await stays(clinic, patient, 50, 60, 65)
    alert = await clinic.one(patient, URGENT_LOW)
    assert recipient(alert, doctor).told_count == rung + 2, "it is still low, and nobody has answered again"
    await clinic.acknowledge(alert, doctor, clinician=True)
    before = {account: recipient(alert, account).told_count for account in (mother, doctor)}
    await stays(clinic, patient, 50, 70, 90)
    alert = await clinic.one(patient, URGENT_LOW)
    assert {account: recipient(alert, account).told_count for account in (mother, doctor)} == before


async def test_a_carer_s_acknowledgement_leaves_the_patient_s_alarm_on(clinic: Clinic, patient: UUID) -> None:
    """To silence the patient's own phone takes the patient, or a snooze by ALERT_WRITE."""
    mother = uuid4()
    clinic.circle.carers_of[patient] = [follower(mother)]
    await stays(clinic, patient, 50, 0, 10)
    await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), mother)
    await stays(clinic, patient, 50, 15, 35)
    alert = await clinic.one(patient, URGENT_LOW)
    assert recipient(alert, patient).told_count == 8
    assert recipient(alert, mother).told_count == 1


async def test_a_stale_low_that_somebody_has_rings_nobody(clinic: Clinic, patient: UUID) -> None:
    mother = uuid4()
    clinic.circle.carers_of[patient] = [follower(mother)]
    await stays(clinic, patient, 50, 0, 10)
    await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), patient)
    await clinic.pass_to(60)
    assert recipient(await clinic.one(patient, URGENT_LOW), mother).told_count == 1


async def test_a_snooze_does_not_end_it(clinic: Clinic, patient: UUID) -> None:
    mother = uuid4()
    clinic.circle.carers_of[patient] = [follower(mother)]
    await stays(clinic, patient, 50, 0, 0)
    await clinic.snooze(await clinic.one(patient, URGENT_LOW), patient, 30)
    await stays(clinic, patient, 50, 5, 10)
    assert recipient(await clinic.one(patient, URGENT_LOW), mother).told_count == 1


async def test_while_identity_is_out_the_patient_is_told_and_the_others_later(clinic: Clinic, patient: UUID) -> None:
    mother = uuid4()
    clinic.circle.carers_of[patient] = [follower(mother)]
    clinic.circle.is_out = True
    await stays(clinic, patient, 50, 0, 15)
    alert = await clinic.one(patient, URGENT_LOW)
    assert recipient(alert, patient).told_count == 4
    assert accounts(alert) == [str(patient)]
    clinic.circle.is_out = False
    clinic.now += timedelta(seconds=6)
    await clinic.due()
    assert recipient(await clinic.one(patient, URGENT_LOW), mother).told_count == 1


async def test_somebody_who_was_not_told_yet_may_take_care_of_it(clinic: Clinic, patient: UUID) -> None:
    doctor = uuid4()
    await stays(clinic, patient, 50, 0, 0)
    alert = await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), doctor, clinician=True)
    assert recipient(alert, doctor).kind == pb.RECIPIENT_KIND_CLINICIAN
    assert recipient(alert, doctor).state == pb.RECIPIENT_STATE_ACKNOWLEDGED


async def test_who_only_looked_is_told_when_it_is_their_turn(clinic: Clinic, patient: UUID) -> None:
    mother = uuid4()
    clinic.circle.carers_of[patient] = [follower(mother)]
    await stays(clinic, patient, 200, 0, 5)
    alert = await clinic.see(await clinic.one(patient, HIGH), mother)
    assert recipient(alert, mother).state == pb.RECIPIENT_STATE_SEEN
    assert not recipient(alert, mother).HasField("raise_time")
    await stays(clinic, patient, 200, 10, 10)
    assert recipient(await clinic.one(patient, HIGH), mother).told_count == 0
    await stays(clinic, patient, 200, 15, 15)
    assert recipient(await clinic.one(patient, HIGH), mother).told_count == 1


async def test_looking_in_quiet_hours_stops_nothing(clinic: Clinic, patient: UUID) -> None:
    """The patient sees the held back warning; when the quiet hours end she is told, and the others after her."""
    hours = pb.QuietHours(start_minute=12 * 60, end_minute=13 * 60 + 20, time_zone="Asia/Shanghai")
    await clinic.set_rules(patient, quiet_hours=hours)
    await stays(clinic, patient, 66, 0, 5)
    await clinic.see(await clinic.one(patient, LOW), patient)
    await stays(clinic, patient, 66, 10, 20)
    alert = await clinic.one(patient, LOW)
    assert recipient(alert, patient).told_count == 1
    assert to_datetime(alert.escalate_time) == clinic.at(30)


async def test_an_urgent_low_is_repeated_every_five_minutes(clinic: Clinic, patient: UUID) -> None:
    await stays(clinic, patient, 50, 0, 20)
    found = recipient(await clinic.one(patient, URGENT_LOW), patient)
    assert found.told_count == 5
    assert to_datetime(found.tell_time) == clinic.at(20)


async def test_a_warning_is_told_once(clinic: Clinic, patient: UUID) -> None:
    await stays(clinic, patient, 200, 0, 60)
    assert recipient(await clinic.one(patient, HIGH), patient).told_count == 1


async def test_quiet_hours_hold_back_warnings_alone(clinic: Clinic, patient: UUID) -> None:
    """It is 13:00 with the patient as the clinic begins."""
    hours = pb.QuietHours(start_minute=12 * 60, end_minute=14 * 60, time_zone="Asia/Shanghai")
    await clinic.set_rules(patient, quiet_hours=hours)
    await stays(clinic, patient, 66, 0, 10)
    low = await clinic.one(patient, LOW)
    assert not low.recipients
    assert not low.HasField("escalate_time")
    await stays(clinic, patient, 54, 15, 15)
    assert recipient(await clinic.one(patient, URGENT_LOW), patient).told_count == 1
    await stays(clinic, patient, 66, 20, 55)
    assert not (await clinic.active(patient))[LOW].recipients
    await clinic.sensor(patient, 60, 66)
    assert recipient((await clinic.active(patient))[LOW], patient).told_count == 1


async def test_each_change_is_told_with_a_revision_of_its_own(clinic: Clinic, patient: UUID) -> None:
    await stays(clinic, patient, 50, 0, 5)
    await clinic.acknowledge(await clinic.one(patient, URGENT_LOW), patient)
    await stays(clinic, patient, 100, 10, 20)
    revisions = [alert.revision for alert in await clinic.told(patient) if alert.rule == URGENT_LOW]
    assert revisions == list(range(1, len(revisions) + 1))
    assert len(revisions) == 4  # raised, repeated, acknowledged, resolved


async def test_a_look_without_news_changes_nothing(clinic: Clinic, patient: UUID) -> None:
    await stays(clinic, patient, 50, 0, 5)
    before = await clinic.told(patient)
    for _ in range(3):
        await clinic.look(patient)
    assert await clinic.told(patient) == before


async def test_two_workers_and_a_redelivery_raise_once(clinic: Clinic, patient: UUID) -> None:
    await clinic.log(patient, *[SENSOR.sensor_reading(clinic.at(minutes), 50) for minutes in (-3, -2, -1, 0)])
    waiting = await clinic.waiting()
    workers = [clinic.worker() for _ in range(4)]
    await asyncio.gather(*(clinic.handle(waiting, worker) for worker in workers))
    await clinic.handle(waiting)
    assert len(await clinic.alerts(patient)) == 1
    raised = [step for step in await clinic.steps(patient) if step.kind == ALERT_STEP_KIND_RAISED]
    assert len(raised) == 1
