"""What raises an alert, and what ends it."""

from datetime import timedelta
from uuid import UUID

import pytest
from apricot.glucose.v1 import alert_pb2 as pb
from apricot.glucose.v1.entry_pb2 import GLUCOSE_BOUND_HIGH, GLUCOSE_BOUND_LOW, GLUCOSE_UNIT_MMOL_PER_L
from apricot.glucose.v1.timeline_pb2 import ALERT_STEP_KIND_RAISED

from services.glucose.domain.prediction import SOON_MARGIN_MG_PER_DL
from tests.glucose.alerts.clinic import METER, SENSOR, Clinic

URGENT_LOW, SOON, LOW = pb.ALERT_RULE_URGENT_LOW, pb.ALERT_RULE_URGENT_LOW_SOON, pb.ALERT_RULE_LOW
HIGH, URGENT_HIGH = pb.ALERT_RULE_HIGH, pb.ALERT_RULE_URGENT_HIGH
FALLING, RISING = pb.ALERT_RULE_FALLING_FAST, pb.ALERT_RULE_RISING_FAST
MISSING = pb.ALERT_RULE_MISSING_DATA


async def steady(clinic: Clinic, patient: UUID, value: float, start: int, end: int) -> None:
    """A reading of the same value every five minutes."""
    for minutes in range(start, end + 1, 5):
        await clinic.sensor(patient, minutes, value)


async def test_an_urgent_low_is_raised_by_one_reading(clinic: Clinic, patient: UUID) -> None:
    await clinic.sensor(patient, 0, 80)
    entry = await clinic.sensor(patient, 5, 55)
    alert = await clinic.one(patient, URGENT_LOW)
    assert alert.cause_entry_id == entry.entry_id
    assert alert.cause_time == entry.time
    assert alert.glucose == entry.sensor_reading.glucose
    assert alert.urgency == pb.ALERT_URGENCY_URGENT
    assert [found.account_id for found in alert.recipients] == [str(patient)]
    (step,) = await clinic.timeline(patient)
    assert step.cause.entry_id == entry.entry_id
    assert step.alert_step.kind == ALERT_STEP_KIND_RAISED


@pytest.mark.parametrize(("value", "rule"), [(69, LOW), (181, HIGH)])
async def test_a_warning_needs_two_readings(clinic: Clinic, patient: UUID, value: float, rule: int) -> None:
    await clinic.sensor(patient, 0, value)
    assert not await clinic.alerts(patient)
    await clinic.sensor(patient, 5, value)
    (alert,) = await clinic.alerts(patient)
    assert alert.rule == rule
    assert alert.urgency == pb.ALERT_URGENCY_WARNING


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        (3.0, {URGENT_LOW}),
        (3.1, {URGENT_LOW}),
        (3.2, {LOW}),
        (3.8, {LOW}),
        (3.9, set()),
        (10.0, set()),
        (10.1, {HIGH}),
        (13.9, {HIGH}),
        (14.0, {URGENT_HIGH}),
    ],
)
async def test_a_reading_in_mmol_is_held_against_the_threshold_s_own_value(
    clinic: Clinic, patient: UUID, value: float, rules: set[int]
) -> None:
    for minutes in 0, 5:
        reading = SENSOR.sensor_reading(clinic.at(minutes), value, GLUCOSE_UNIT_MMOL_PER_L)
        await clinic.comes(patient, minutes, reading)
    assert (await clinic.active(patient)).keys() == rules


@pytest.mark.parametrize(
    ("value", "rules"),
    [(55, {URGENT_LOW}), (56, {LOW}), (70, set()), (180, set()), (250, {HIGH}), (251, {URGENT_HIGH})],
)
async def test_edges_in_mg_per_dl(clinic: Clinic, patient: UUID, value: float, rules: set[int]) -> None:
    await steady(clinic, patient, value, 0, 5)
    assert (await clinic.active(patient)).keys() == rules


async def test_low_and_high_instead_of_a_value(clinic: Clinic, patient: UUID) -> None:
    await clinic.set_rules(patient, urgent_high_mg_per_dl=400)
    high = SENSOR.sensor_reading(clinic.at(0), 400, bound=GLUCOSE_BOUND_HIGH)
    await clinic.comes(patient, 0, high)
    assert URGENT_HIGH in await clinic.active(patient)
    await clinic.comes(patient, 5, METER.fingerstick_reading(clinic.at(5), 60, bound=GLUCOSE_BOUND_LOW))
    assert URGENT_LOW in await clinic.active(patient)


async def test_low_is_beyond_every_edge_whatever_the_device_s_limit(clinic: Clinic, patient: UUID) -> None:
    await clinic.comes(patient, 0, SENSOR.sensor_reading(clinic.at(0), 70, bound=GLUCOSE_BOUND_LOW))
    assert (await clinic.active(patient)).keys() == {URGENT_LOW}
    await clinic.comes(patient, 5, SENSOR.sensor_reading(clinic.at(5), 180, bound=GLUCOSE_BOUND_HIGH))
    assert (await clinic.active(patient)).keys() == {URGENT_LOW, URGENT_HIGH}


async def test_a_low_is_over_once_it_is_back_by_10_for_15_minutes(clinic: Clinic, patient: UUID) -> None:
    await steady(clinic, patient, 65, 0, 5)
    await steady(clinic, patient, 79, 10, 60)  # above the threshold, and not back by the margin
    assert LOW in await clinic.active(patient)
    await steady(clinic, patient, 80, 65, 70)
    assert LOW in await clinic.active(patient)
    await clinic.sensor(patient, 75, 80)
    alert = await clinic.one(patient, LOW)
    assert alert.resolution == pb.ALERT_RESOLUTION_RECOVERED
    assert [found.state for found in alert.recipients] == [pb.RECIPIENT_STATE_RESOLVED]


async def test_it_is_raised_again_after_it_was_resolved(clinic: Clinic, patient: UUID) -> None:
    await steady(clinic, patient, 65, 0, 5)
    await steady(clinic, patient, 90, 10, 25)
    assert LOW not in await clinic.active(patient)
    await steady(clinic, patient, 65, 40, 45)
    assert len([alert for alert in await clinic.alerts(patient) if alert.rule == LOW]) == 2


async def test_one_active_alert_however_often_it_is_low(clinic: Clinic, patient: UUID) -> None:
    for minutes, value in zip(range(0, 60, 5), (50, 58, 52, 60, 50, 62, 51, 57, 54, 63, 50, 55), strict=True):
        await clinic.sensor(patient, minutes, value)
    assert [alert.rule for alert in await clinic.alerts(patient) if alert.rule == URGENT_LOW] == [URGENT_LOW]


async def test_an_urgent_low_takes_the_place_of_a_low(clinic: Clinic, patient: UUID) -> None:
    await steady(clinic, patient, 65, 0, 5)
    await clinic.sensor(patient, 10, 54)
    low = await clinic.one(patient, LOW)
    assert low.resolution == pb.ALERT_RESOLUTION_SUPERSEDED
    assert (await clinic.active(patient)).keys() == {URGENT_LOW}
    await steady(clinic, patient, 66, 15, 30)  # back from urgent, and still low
    assert (await clinic.active(patient)).keys() == {LOW}


async def test_an_urgent_high_takes_the_place_of_a_high(clinic: Clinic, patient: UUID) -> None:
    await steady(clinic, patient, 245, 0, 10)
    await steady(clinic, patient, 251, 15, 15)
    assert (await clinic.active(patient)).keys() == {URGENT_HIGH}


async def test_an_urgent_low_is_predicted(clinic: Clinic, patient: UUID) -> None:
    for minutes, value in zip(range(0, 45, 5), (140, 132, 124, 116, 107, 98, 89, 80, 72), strict=True):
        await clinic.sensor(patient, minutes, value)
    alert = await clinic.one(patient, SOON)
    assert alert.urgency == pb.ALERT_URGENCY_URGENT
    assert alert.predicted_mg_per_dl <= 55 + SOON_MARGIN_MG_PER_DL
    assert alert.rate_mg_per_dl_per_minute < -1


async def test_falling_and_rising_fast(clinic: Clinic, patient: UUID) -> None:
    for minutes, value in zip(range(0, 35, 5), (220, 220, 220, 205, 190, 175, 160), strict=True):
        await clinic.sensor(patient, minutes, value)
    assert FALLING in await clinic.active(patient)
    for minutes, value in zip(range(35, 75, 5), (160, 160, 160, 160, 160, 160, 160, 160), strict=True):
        await clinic.sensor(patient, minutes, value)
    assert (await clinic.one(patient, FALLING)).resolution == pb.ALERT_RESOLUTION_RECOVERED
    for minutes, value in zip(range(75, 105, 5), (175, 190, 205, 220, 235, 249), strict=True):
        await clinic.sensor(patient, minutes, value)
    rising = await clinic.one(patient, RISING)
    assert rising.rate_mg_per_dl_per_minute >= 2


async def test_a_sensor_that_falls_silent(clinic: Clinic, patient: UUID) -> None:
    await steady(clinic, patient, 110, 0, 10)
    await clinic.pass_to(29)
    assert not await clinic.alerts(patient)
    await clinic.pass_to(30)
    alert = await clinic.one(patient, MISSING)
    assert alert.urgency == pb.ALERT_URGENCY_WARNING
    assert not alert.cause_entry_id
    await clinic.pass_to(40)
    alert = await clinic.one(patient, MISSING)
    assert alert.urgency == pb.ALERT_URGENCY_URGENT
    assert alert.recipients[0].told_count == 2
    await clinic.sensor(patient, 55, 110)
    assert (await clinic.one(patient, MISSING)).resolution == pb.ALERT_RESOLUTION_RECOVERED


async def test_who_never_had_a_sensor_misses_no_data(clinic: Clinic, patient: UUID) -> None:
    for minutes in 0, 10, 20:
        await clinic.fingerstick(patient, minutes, 110)
    await clinic.sensor(patient, 25, 110)  # one value is no sensor that sends
    await clinic.pass_to(120)
    assert not await clinic.alerts(patient)


async def test_a_stale_reading_raises_nothing(clinic: Clinic, patient: UUID) -> None:
    await clinic.pass_to(60)
    await clinic.log(patient, *(SENSOR.sensor_reading(clinic.at(minutes), 50) for minutes in (39, 44, 49)))
    await clinic.look()
    assert not [alert for alert in await clinic.alerts(patient) if alert.rule != MISSING]


async def test_a_back_dated_upload_raises_nothing(clinic: Clinic, patient: UUID) -> None:
    await steady(clinic, patient, 110, 0, 30)
    old = [SENSOR.sensor_reading(clinic.at(-minutes - 2), 40) for minutes in range(0, 600, 5)]
    await clinic.comes(patient, 31, *old)
    assert not await clinic.alerts(patient)


async def test_what_a_worker_missed_for_a_moment_is_raised_all_the_same(clinic: Clinic, patient: UUID) -> None:
    await clinic.sensor(patient, 0, 80)
    await clinic.pass_to(5)
    await clinic.log(patient, SENSOR.sensor_reading(clinic.at(5), 53))
    await clinic.pass_to(10)
    await clinic.log(patient, SENSOR.sensor_reading(clinic.at(10), 75))
    await clinic.look()
    assert URGENT_LOW in await clinic.active(patient)


async def test_readings_out_of_order_lead_to_the_same(clinic: Clinic, patient: UUID) -> None:
    await clinic.pass_to(15)
    for minutes, value in (10, 66), (15, 64), (0, 90), (5, 80):
        await clinic.log(patient, SENSOR.sensor_reading(clinic.at(minutes), value))
        await clinic.look()
    alert = await clinic.one(patient, LOW)
    assert alert.glucose.value == 64


async def test_two_devices_at_once_do_not_make_a_trend(clinic: Clinic, patient: UUID) -> None:
    """One shows 60 more than the other: together they would rise and fall by 24 mg/dL a minute."""
    for minutes in range(0, 60, 5):
        await clinic.sensor(patient, minutes, 160, "left arm")
        await clinic.sensor(patient, minutes + 2, 100, "right arm")
    assert not await clinic.alerts(patient)


async def test_two_devices_do_not_confirm_one_another(clinic: Clinic, patient: UUID) -> None:
    await clinic.sensor(patient, 0, 66, "left arm")
    await clinic.sensor(patient, 2, 66, "right arm")
    assert not await clinic.alerts(patient)


async def test_a_low_on_one_arm_is_not_over_since_the_other_is_well(clinic: Clinic, patient: UUID) -> None:
    for minutes in range(0, 40, 5):
        await clinic.sensor(patient, minutes, 60, "left arm")
        await clinic.sensor(patient, minutes + 2, 100, "right arm")
    assert (await clinic.active(patient)).keys() == {LOW}
    assert len(await clinic.alerts(patient)) == 1


async def test_a_fingerstick_low_counts_beside_a_sensor_and_a_high_does_not(clinic: Clinic, patient: UUID) -> None:
    await steady(clinic, patient, 120, 0, 10)
    await clinic.fingerstick(patient, 12, 260)  # sugar on the finger
    assert not await clinic.alerts(patient)
    await clinic.fingerstick(patient, 13, 62)
    assert (await clinic.active(patient)).keys() == {LOW}


async def test_a_deleted_reading_takes_its_alert_back(clinic: Clinic, patient: UUID) -> None:
    await clinic.sensor(patient, 0, 90)
    entry = await clinic.sensor(patient, 5, 50)
    await clinic.delete(patient, entry)
    assert (await clinic.one(patient, URGENT_LOW)).resolution == pb.ALERT_RESOLUTION_CORRECTED


async def test_an_amended_reading_takes_its_alert_back(clinic: Clinic, patient: UUID) -> None:
    entry = await clinic.fingerstick(patient, 0, 5.0 * 10)
    entry.fingerstick_reading.glucose.value = 150
    await clinic.amend(patient, entry)
    assert (await clinic.one(patient, URGENT_LOW)).resolution == pb.ALERT_RESOLUTION_CORRECTED


async def test_one_of_several_lows_deleted_changes_nothing(clinic: Clinic, patient: UUID) -> None:
    entry = await clinic.sensor(patient, 0, 50)
    await clinic.sensor(patient, 5, 51)
    await clinic.delete(patient, entry)
    alert = await clinic.one(patient, URGENT_LOW)
    assert not alert.HasField("resolve_time")


async def test_a_low_whose_readings_stop_grows_stale(clinic: Clinic, patient: UUID) -> None:
    await steady(clinic, patient, 60, 0, 10)
    await clinic.pass_to(69)
    assert {LOW, MISSING} == (await clinic.active(patient)).keys()
    await clinic.pass_to(70)
    assert (await clinic.one(patient, LOW)).resolution == pb.ALERT_RESOLUTION_STALE
    assert {MISSING} == (await clinic.active(patient)).keys()


async def test_a_rule_switched_off_or_moved_ends_its_alert(clinic: Clinic, patient: UUID) -> None:
    await steady(clinic, patient, 190, 0, 10)
    await clinic.set_rules(patient, high_mg_per_dl=200)
    await clinic.due()
    assert (await clinic.one(patient, HIGH)).resolution == pb.ALERT_RESOLUTION_RULE_CHANGED
    await steady(clinic, patient, 66, 15, 20)
    await clinic.set_rules(patient, switched_off=[LOW])
    await clinic.due()
    assert LOW not in await clinic.active(patient)
    await steady(clinic, patient, 66, 25, 35)
    assert LOW not in await clinic.active(patient)


async def test_rules_that_become_stricter_raise_at_once(clinic: Clinic, patient: UUID) -> None:
    await steady(clinic, patient, 150, 0, 10)
    await clinic.set_rules(patient, high_mg_per_dl=140)
    await clinic.due()
    assert HIGH in await clinic.active(patient)


async def test_a_phone_whose_clock_runs_ahead(clinic: Clinic, patient: UUID) -> None:
    """Its readings come nine minutes before their time; a low is raised once, and not anew when it is over."""
    for minutes, value in (0, 50), (5, 90), (10, 90), (15, 90), (20, 90), (25, 90):
        reading = SENSOR.sensor_reading(clinic.at(minutes) + timedelta(minutes=9), value)
        await clinic.comes(patient, minutes, reading)
    assert (await clinic.one(patient, URGENT_LOW)).resolution == pb.ALERT_RESOLUTION_RECOVERED


async def test_in_time_lapse_everything_is_counted_in_clinical_minutes(lapsing: Clinic, patient: UUID) -> None:
    for minutes, value in zip(range(0, 35, 5), (220, 220, 220, 205, 190, 175, 160), strict=True):
        await lapsing.sensor(patient, minutes, value)
    assert FALLING in await lapsing.active(patient)
    alert = await lapsing.one(patient, FALLING)
    assert -4 < alert.rate_mg_per_dl_per_minute < -2
    await lapsing.pass_to(50)
    assert MISSING in await lapsing.active(patient)
