"""Reports from a real diary: windows, zones, units, devices, and what the caller may see."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import (
    EXERCISE_KIND_WALKING,
    GLUCOSE_BOUND_HIGH,
    GLUCOSE_BOUND_LOW,
    GLUCOSE_BOUND_UNSPECIFIED,
    GLUCOSE_UNIT_MG_PER_DL,
    GLUCOSE_UNIT_MMOL_PER_L,
    INSULIN_KIND_LONG,
    INSULIN_KIND_RAPID,
    GlucoseUnit,
)
from apricot.glucose.v1.report_pb2 import (
    GLUCOSE_BAND_HIGH,
    GLUCOSE_BAND_IN_RANGE,
    GLUCOSE_BAND_LOW,
    GLUCOSE_BAND_VERY_HIGH,
    GLUCOSE_BAND_VERY_LOW,
    SUFFICIENCY_EMPTY,
    SUFFICIENCY_SINGLE_READING,
    SUFFICIENCY_SUFFICIENT,
    TARGET_PRESET_ADULT,
    TARGET_PRESET_PREGNANCY,
    GlucoseBand,
    Summary,
)

from clients.sdk import Recorder
from kit.errors import ApricotError
from services.glucose.domain.windows import Window
from services.glucose.rpc.report_windows import window_before
from services.glucose.store import readings as store
from stack.platform import Platform
from tests.glucose.reporting import Patient, Reporting, at, between, last, report_view, reporting, sensor

SHANGHAI = Recorder.by_hand("hand", "Asia/Shanghai")
ALWAYS = at("2001-01-01"), at("2099-01-01")


@pytest.fixture(scope="module")
async def service(platform: Platform) -> AsyncIterator[Reporting]:
    async with reporting(platform.database_url) as made:
        made.now = at("2026-11-20 04:00")  # noon in Shanghai
        yield made


@pytest.fixture
def patient(service: Reporting) -> Patient:
    return service.patient()


def counts(summary: Summary) -> dict[GlucoseBand.ValueType, int]:
    return {share.band: share.readings_count for share in summary.bands if share.readings_count}


async def test_two_weeks_of_a_sensor(patient: Patient) -> None:
    await patient.log(*sensor(at("2026-11-06 16:00"), 13 * 24 + 12))  # from midnight of the 7th in Shanghai
    found = await patient.summary(last(14))
    assert (found.start_time.ToDatetime(), found.end_time.ToDatetime()) == (
        at("2026-11-06 16:00").replace(tzinfo=None),
        at("2026-11-20 04:00").replace(tzinfo=None),
    )
    assert found.time_zone == "Asia/Shanghai"
    assert found.preset == TARGET_PRESET_ADULT
    assert found.sufficiency == SUFFICIENCY_SUFFICIENT
    assert found.active_percent == 100
    assert found.days_count == len(found.days) == 14
    assert [day.local_date for day in found.days] == [f"2026-11-{day:02}" for day in range(7, 21)]
    assert found.days[0].readings_count == 288
    assert found.days[-1].active_percent == pytest.approx(50), "today has but begun"
    assert found.conga_hours > 0
    assert found.mage_algorithm


async def test_an_empty_diary_has_an_empty_report(patient: Patient) -> None:
    found = await patient.summary(last(14))
    assert found.sufficiency == SUFFICIENCY_EMPTY
    assert (found.readings_count, found.days_count, found.time_zone) == (0, 0, "UTC")
    profile = await patient.profile(last(14), include_days=True)
    assert profile.sufficiency == SUFFICIENCY_EMPTY
    assert len(profile.bins) == 96
    assert not any(one.HasField("raw") for one in profile.bins)
    assert not profile.days


async def test_a_single_reading_is_said_to_be_single(patient: Patient) -> None:
    await patient.log(*sensor(at("2026-11-19 00:00"), 1 / 12, 7.8, unit=GLUCOSE_UNIT_MMOL_PER_L))
    found = await patient.summary(last(2))
    assert found.sufficiency == SUFFICIENCY_SINGLE_READING
    assert found.mean_mg_per_dl == pytest.approx(7.8 * 18.0156)
    assert not found.HasField("sd_mg_per_dl")


@pytest.mark.parametrize("backwards", [0, 1, 4000 * 24])
async def test_a_window_that_is_empty_or_too_long_is_refused(patient: Patient, backwards: int) -> None:
    end = at("2026-11-20 00:00")
    start = end - timedelta(hours=backwards) if backwards > 1 else end + timedelta(hours=backwards)
    with pytest.raises(ApricotError) as caught:
        await patient.summary(between(start, end))
    assert caught.value.reason == Reason.REASON_INVALID_FIELD
    assert caught.value.violations[0].field == "window.range"


@pytest.mark.parametrize(("days", "include_days"), [(367, False), (32, True)])
async def test_a_profile_takes_fewer_days(patient: Patient, days: int, include_days: bool) -> None:
    windows = last(days), between(at("2026-11-20 00:00") - timedelta(days=days), at("2026-11-20 00:00"))
    for window, field in zip(windows, ("window.last_days", "window.range"), strict=True):
        with pytest.raises(ApricotError) as caught:
            await patient.profile(window, include_days=include_days)
        assert caught.value.violations[0].field == field


async def test_the_range_holds_its_start_and_not_its_end(patient: Patient) -> None:
    start = at("2026-11-10 00:00")
    await patient.log(*sensor(start, 1))
    found = await patient.summary(between(start, start + timedelta(minutes=10)))
    assert found.readings_count == 2
    assert found.active_percent == 100


async def test_time_to_come_is_not_expected_of_a_sensor(patient: Patient) -> None:
    await patient.log(*sensor(at("2026-11-19 16:00"), 12))
    found = await patient.summary(between(at("2026-11-19 16:00"), at("2026-11-26 16:00")))
    assert found.active_percent == 100
    assert found.end_time.ToDatetime() == at("2026-11-20 04:00").replace(tzinfo=None)
    later = await patient.summary(between(at("2026-11-21 00:00"), at("2026-11-26 16:00")))
    assert later.sufficiency == SUFFICIENCY_EMPTY


async def test_each_reading_is_classified_in_its_own_unit(patient: Patient) -> None:
    start = at("2026-11-19 00:00")
    for n, (value, unit) in enumerate(
        [
            (10.0, GLUCOSE_UNIT_MMOL_PER_L),
            (180, GLUCOSE_UNIT_MG_PER_DL),
            (181, GLUCOSE_UNIT_MG_PER_DL),
            (3.9, GLUCOSE_UNIT_MMOL_PER_L),
            (70, GLUCOSE_UNIT_MG_PER_DL),
            (3.8, GLUCOSE_UNIT_MMOL_PER_L),
        ]
    ):
        await patient.log(*sensor(start + timedelta(minutes=5 * n), 1 / 12, value, unit=unit))
    found = await patient.summary(last(2))
    assert counts(found) == {GLUCOSE_BAND_IN_RANGE: 4, GLUCOSE_BAND_HIGH: 1, GLUCOSE_BAND_LOW: 1}
    pregnant = await patient.summary(last(2), TARGET_PRESET_PREGNANCY)
    assert counts(pregnant) == {GLUCOSE_BAND_IN_RANGE: 3, GLUCOSE_BAND_HIGH: 3}
    assert pregnant.preset == TARGET_PRESET_PREGNANCY


@pytest.mark.parametrize(
    ("date", "midnight", "hours"),
    [("2026-10-25", "2026-10-24 22:00", 25), ("2026-03-29", "2026-03-28 23:00", 23)],
)
async def test_nights_when_clocks_change(patient: Patient, date: str, midnight: str, hours: int) -> None:
    await patient.log(*sensor(at(midnight), hours, zone="Europe/Berlin"))
    found = await patient.summary(between(at(midnight), at(midnight) + timedelta(hours=hours)))
    (day,) = found.days
    assert (day.local_date, day.readings_count, day.active_percent) == (date, hours * 12, 100)
    profile = await patient.profile(between(at(midnight), at(midnight) + timedelta(hours=hours)), include_days=True)
    (curve,) = profile.days
    assert len(curve.minutes_of_day) == len(curve.values_mg_per_dl) == hours * 12
    assert (2 * 60 in curve.minutes_of_day) == (hours == 25), "the hour from two to three is missing, or is there twice"


async def test_last_days_begin_at_midnight_across_a_change_of_clocks(service: Reporting) -> None:
    patient, noon = service.patient(), service.now
    await patient.log(*sensor(at("2026-10-26 09:00"), 1, zone="Europe/Berlin"))
    try:
        service.now = at("2026-10-26 10:00")
        found = await patient.summary(last(3))
    finally:
        service.now = noon
    assert found.start_time.ToDatetime() == at("2026-10-23 22:00").replace(tzinfo=None)


async def test_days_of_a_patient_who_moves(patient: Patient) -> None:
    """From Shanghai to New York: each reading belongs to the day where she was."""
    await patient.log(
        *sensor(at("2026-11-16 16:00"), 20),  # the 17th in Shanghai, until 20:00
        *sensor(at("2026-11-17 12:00"), 17, zone="America/New_York"),  # the 17th there, from 7:00 to its end
        *sensor(at("2026-11-18 05:00"), 24, zone="America/New_York"),
    )
    found = await patient.summary(last(4))
    assert found.time_zone == "America/New_York"
    assert [(day.local_date, day.readings_count) for day in found.days] == [
        ("2026-11-17", 37 * 12),
        ("2026-11-18", 288),
    ]
    assert [day.active_percent for day in found.days] == pytest.approx([100, 100])


async def test_two_sensors_at_once(patient: Patient) -> None:
    await patient.log(
        *sensor(at("2026-11-18 16:00"), 24, 100, device="old"),
        *sensor(at("2026-11-18 16:01"), 25, 200, device="new"),
    )
    found = await patient.summary(between(at("2026-11-18 16:00"), at("2026-11-19 16:00")))
    assert found.readings_count == 288
    assert found.mean_mg_per_dl == 200


async def test_meals_doses_and_exercise_add_up_by_local_day(patient: Patient) -> None:
    late, early = at("2026-11-17 15:50"), at("2026-11-17 16:10")  # the 17th and the 18th in Shanghai
    await patient.log(
        SHANGHAI.meal(late, 30),
        SHANGHAI.meal(early, 45.5),
        SHANGHAI.insulin_dose(late, INSULIN_KIND_RAPID, "0.1"),
        SHANGHAI.insulin_dose(late + timedelta(minutes=1), INSULIN_KIND_RAPID, "0.2"),
        SHANGHAI.insulin_dose(early, INSULIN_KIND_LONG, "18"),
        SHANGHAI.insulin_dose(early, INSULIN_KIND_RAPID, "4.5"),
        SHANGHAI.exercise(early, EXERCISE_KIND_WALKING, 40),
        SHANGHAI.note(early, "no figure"),
    )
    found = await patient.summary(last(7))
    first, second = found.days
    assert (first.local_date, first.totals.carbohydrate_g, first.totals.meals_count) == ("2026-11-17", 30, 1)
    assert [(dose.kind, dose.amount_units.value) for dose in first.totals.insulin] == [(INSULIN_KIND_RAPID, "0.3")]
    assert (second.local_date, second.totals.carbohydrate_g, second.totals.exercise_minutes) == ("2026-11-18", 45.5, 40)
    assert found.totals.carbohydrate_g == 75.5
    assert found.totals.meals_count == 2
    assert [(dose.kind, dose.amount_units.value) for dose in found.totals.insulin] == [
        (INSULIN_KIND_RAPID, "4.8"),
        (INSULIN_KIND_LONG, "18"),
    ]
    assert found.days_count == 0, "no reading"
    assert not first.bands
    assert not first.HasField("mean_mg_per_dl")


@pytest.mark.parametrize(
    ("unit", "low", "high"), [(GLUCOSE_UNIT_MG_PER_DL, 70, 180), (GLUCOSE_UNIT_MMOL_PER_L, 3.9, 10.0)]
)
async def test_low_and_high_count_beyond_the_range_whatever_the_limit(
    patient: Patient, unit: GlucoseUnit.ValueType, low: float, high: float
) -> None:
    """A device whose limits are the range's own edges, and the same values as measurements."""
    start = at("2026-11-19 00:00")
    times = [start + timedelta(minutes=5 * n) for n in range(16)]
    said = [(GLUCOSE_BOUND_LOW, low)] * 4 + [(GLUCOSE_BOUND_UNSPECIFIED, low)] * 4
    said += [(GLUCOSE_BOUND_UNSPECIFIED, high)] * 4 + [(GLUCOSE_BOUND_HIGH, high)] * 4
    await patient.log(
        *[SHANGHAI.sensor_reading(at, value, unit, bound) for at, (bound, value) in zip(times, said, strict=True)]
    )
    found = await patient.summary(last(3))
    assert counts(found) == {GLUCOSE_BAND_VERY_LOW: 4, GLUCOSE_BAND_IN_RANGE: 8, GLUCOSE_BAND_VERY_HIGH: 4}
    assert [event.band for event in found.events] == [GLUCOSE_BAND_VERY_LOW, GLUCOSE_BAND_VERY_HIGH]
    assert found.gri_hypo_component == found.gri_hyper_component == 25
    (day,) = (await patient.profile(last(3), include_days=True)).days
    assert list(day.bounds) == [bound for bound, _ in said]
    assert found.sensors == ["hand"]


async def test_an_episode_says_how_long_it_was_unbroken(patient: Patient) -> None:
    """Back for ten minutes: it goes on, and no part of it is longer than two hours."""
    start = at("2026-11-18 18:00")
    await patient.log(*sensor(start, 1, 62), *sensor(start + timedelta(hours=1), 1 / 6, 100))
    await patient.log(*sensor(start + timedelta(minutes=70), 1, 62), *sensor(start + timedelta(minutes=130), 1, 100))
    (event,) = (await patient.summary(last(3))).events
    assert (event.duration_minutes, event.unbroken_minutes, event.extended) == (130, 60, False)


async def test_quarters_of_the_day_by_the_patients_clock(patient: Patient) -> None:
    await patient.log(*sensor(at("2026-11-18 16:00"), 6, 60), *sensor(at("2026-11-18 22:00"), 12, 120))
    night, morning, afternoon, evening = (await patient.summary(last(3))).periods
    assert [one.start_minute for one in (night, morning, afternoon, evening)] == [0, 360, 720, 1080]
    assert [one.readings_count for one in (night, morning, afternoon, evening)] == [72, 72, 72, 0]
    assert (night.mean_mg_per_dl, morning.mean_mg_per_dl) == (60, 120)
    assert [share.percent for share in night.bands] == [0, 100, 0, 0, 0]
    assert not evening.bands
    assert not evening.HasField("mean_mg_per_dl")


async def test_an_episode_is_reported(patient: Patient) -> None:
    start = at("2026-11-18 18:00")  # two in the morning
    await patient.log(*sensor(start, 2.5, 62), *sensor(start + timedelta(hours=2.5), 1, 100))
    found = await patient.summary(last(3))
    (event,) = found.events
    assert event.band == GLUCOSE_BAND_LOW
    assert event.duration_minutes == 150
    assert event.extended
    assert event.nocturnal
    assert event.extreme_mg_per_dl == 62


async def test_the_typical_day_of_two_weeks(patient: Patient) -> None:
    await patient.log(*sensor(at("2026-11-05 16:00"), 14 * 24))
    found = await patient.profile(last(15), include_days=True)
    assert [one.minute_of_day for one in found.bins] == list(range(0, 1440, 15))
    assert all(one.raw.p50 == one.smoothed.p95 == 120 for one in found.bins)
    assert len(found.days) == 14
    assert list(found.days[0].minutes_of_day) == list(range(0, 1440, 5))
    assert found.days[0].summary.readings_count == 288
    assert not (await patient.profile(last(15))).days


async def test_a_grant_opens_its_own_ranges_and_no_more(patient: Patient) -> None:
    await patient.log(*sensor(at("2026-11-16 16:00"), 72))
    await patient.log(SHANGHAI.meal(at("2026-11-16 20:00"), 50), SHANGHAI.meal(at("2026-11-18 20:00"), 20))
    second = at("2026-11-17 16:00"), at("2026-11-18 16:00")
    found = await patient.summary(last(4), view=report_view(second))
    assert found.readings_count == 288
    assert found.active_percent == 100, "of what may be seen"
    assert found.start_time.ToDatetime() == second[0].replace(tzinfo=None)
    assert found.end_time.ToDatetime() == second[1].replace(tzinfo=None)
    assert found.totals.meals_count == 0
    apart = report_view((at("2026-11-16 16:00"), at("2026-11-16 17:00")), (at("2026-11-18 20:00"), ALWAYS[1]))
    found = await patient.summary(last(4), view=apart)
    assert found.readings_count == 12 + 20 * 12
    assert found.totals.carbohydrate_g == 20
    profile = await patient.profile(last(4), include_days=True, view=report_view(second))
    assert [day.local_date for day in profile.days] == ["2026-11-18"]


async def test_nothing_within_the_grants_range_is_an_empty_report(patient: Patient) -> None:
    await patient.log(*sensor(at("2026-11-16 16:00"), 24))
    found = await patient.summary(last(4), view=report_view((at("2026-01-01"), at("2026-02-01"))))
    assert found.sufficiency == SUFFICIENCY_EMPTY
    assert found.time_zone == "UTC", "where she lives is not told either"


async def test_more_readings_than_one_report_can_add_up(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    await patient.log(*sensor(at("2026-11-16 16:00"), 1))
    monkeypatch.setattr(store, "MOST_READINGS", 11)
    with pytest.raises(ApricotError) as caught:
        await patient.summary(last(4))
    assert caught.value.reason == Reason.REASON_TOO_LARGE
    monkeypatch.setattr(store, "MOST_READINGS", 12)
    assert (await patient.summary(last(4))).readings_count == 12


async def test_ten_years_of_readings(patient: Patient) -> None:
    """The window alone; for a million readings see `test_summary`."""
    await patient.log(*sensor(at("2017-01-01 00:00"), 1), *sensor(at("2026-11-01 00:00"), 1))
    found = await patient.summary(last(3660))
    assert found.readings_count == 24
    assert [day.local_date for day in found.days] == ["2017-01-01", "2026-11-01"]
    assert found.active_percent < 0.01


async def test_the_window_before_lies_within_the_grant(patient: Patient) -> None:
    """Two weeks are compared with the two before, of which the grant opens the last."""
    start = at("2026-11-01")
    window = Window(start, at("2026-11-15"), "UTC", ((start, at("2026-11-15")),))
    view = report_view((at("2026-10-25"), at("2026-11-15")))
    before = window_before(patient._call("GetSummary", view), str(patient.id), window)
    assert (before.start_time, before.end_time) == (at("2026-10-18"), start)
    assert before.visible == ((at("2026-10-25"), start),)
