"""A clinic at a glance: who comes first, what a narrow grant shows, and pages."""

import random
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from itertools import batched
from statistics import mean, stdev
from uuid import UUID, uuid4

import pytest
from apricot.access.v1.access_pb2 import (
    SCOPE_ALERT_READ,
    SCOPE_GLUCOSE_READ,
    SCOPE_PLAN_READ,
    SCOPE_REPORT_READ,
    Scope,
)
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.alert_pb2 import ALERT_URGENCY_URGENT, ALERT_URGENCY_WARNING, Alert, AlertUrgency
from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MMOL_PER_L as MMOL
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.report_pb2 import (
    COHORT_NEED_ALERT,
    COHORT_NEED_LOW,
    COHORT_NEED_MISSING_DATA,
    COHORT_NEED_NO_CONTACT,
    COHORT_NEED_OUT_OF_RANGE,
    COHORT_NEED_URGENT_ALERT,
    COHORT_NEED_VERY_LOW,
    CohortPatient,
    GetCohortRequest,
)
from apricot.glucose.v1.report_pb2_grpc import ReportServiceStub

from clients.sdk import Recorder
from kit import paging
from kit.database import Database
from kit.errors import ApricotError
from kit.times import to_datetime
from kit.views import BEGINNING, END, EVERYTHING, View, Window
from services.glucose.rpc import cohort
from stack.platform import Platform
from tests.glucose.diaries import ago, amend, delete, log
from tests.glucose.quiet import NOW, Quiet, quiet_database
from tests.kit.running import until
from tests.people import People

SENSOR = Recorder.by_hand("sensor", "Asia/Shanghai")
MIDNIGHT = NOW - timedelta(hours=12)
"""Of today, in Shanghai."""


@pytest.fixture(scope="module")
async def quiet(engines: Platform) -> AsyncIterator[Quiet]:
    async with quiet_database(engines) as made:
        yield made


def view(scope: Scope.ValueType, *ranges: tuple[datetime, datetime]) -> View:
    return View(frozenset(Window(scope, *found) for found in ranges or [(BEGINNING, END)]))


def curve(start: datetime, values: Iterable[float]) -> list[Entry]:
    """Every five minutes."""
    return [SENSOR.sensor_reading(start + timedelta(minutes=5 * n), value) for n, value in enumerate(values)]


async def one(quiet: Quiet, patient: UUID, seen: View = EVERYTHING, **more: int) -> CohortPatient:
    """The patient alone."""
    (found,) = (await quiet.cohort({patient: seen}, **more)).patients
    return found


async def test_figures_are_right_before_anybody_settled_and_after(quiet: Quiet) -> None:
    patient = uuid4()
    values = [50, 60, 100, 190, 300, 50, 60, *[100] * 18]
    entries = await quiet.log(patient, curve(MIDNIGHT - timedelta(hours=1), values))
    await quiet.amend(patient, _with_value(entries[0], 120), 1)
    await quiet.delete(patient, entries[1].entry_id, 1)
    await quiet.amend(patient, _with_value(entries[2], 251), 1)
    now = [120, 251, 190, 300, 50, 60, *[100] * 18]
    for _ in "unsettled", "settled":
        found = await one(quiet, patient)
        assert found.readings_count == len(now)
        assert found.very_low_percent == pytest.approx(100 * 1 / 24)
        assert found.below_range_percent == pytest.approx(100 * 2 / 24)
        assert found.in_range_percent == pytest.approx(100 * 19 / 24)
        assert found.above_range_percent == pytest.approx(100 * 3 / 24)
        assert found.gri == pytest.approx(100 * (3.0 * 1 + 2.4 * 1 + 1.6 * 2 + 0.8 * 1) / 24)
        assert found.mean_mg_per_dl == pytest.approx(mean(now))
        assert found.cv_percent == pytest.approx(100 * stdev(now) / mean(now))
        assert to_datetime(found.last_reading_time) == to_datetime(entries[-1].time)
        await quiet.settle_all()


async def test_the_cohort_says_what_the_summary_says(quiet: Quiet) -> None:
    """Of a sensor with gaps, a second one beside it in the last days, in either unit, and fingersticks."""
    chance, patient = random.Random(3), uuid4()
    start = MIDNIGHT - timedelta(days=13)
    kept = [n for n in range(13 * 288 + 100) if n % 400 > 60]
    entries = [
        SENSOR.sensor_reading(start + timedelta(minutes=5 * n), round(chance.uniform(2.5, 16), 1), MMOL) for n in kept
    ]
    second = Recorder.by_hand("second", "Asia/Shanghai")
    times = [MIDNIGHT - timedelta(days=2, minutes=1) + timedelta(minutes=15 * n) for n in range(1, 230)]
    entries += [second.sensor_reading(time, chance.randrange(40, 320)) for time in times]
    entries += [SENSOR.fingerstick_reading(start + timedelta(hours=7 * n), 40) for n in range(40)]
    for part in batched(entries, 1000, strict=False):
        await quiet.log(patient, part)
    summary = await quiet.summary(patient, 14)
    assert {share.band for share in summary.bands if share.readings_count} == {1, 2, 3, 4, 5}
    percent: dict[int, float] = {share.band: share.percent for share in summary.bands}
    for _ in "unsettled", "settled":
        found = await one(quiet, patient)
        assert found.readings_count == summary.readings_count
        assert found.active_percent == pytest.approx(summary.active_percent)
        assert found.gri == pytest.approx(summary.gri)
        assert found.very_low_percent == pytest.approx(percent[1])
        assert found.below_range_percent == pytest.approx(percent[1] + percent[2])
        assert found.in_range_percent == pytest.approx(percent[3])
        assert found.above_range_percent == pytest.approx(percent[4] + percent[5])
        assert found.mean_mg_per_dl == pytest.approx(summary.mean_mg_per_dl)
        assert found.cv_percent == pytest.approx(summary.cv_percent)
        await quiet.settle_all()


async def test_alerts_that_nobody_has_come_first(quiet: Quiet) -> None:
    """Urgent ones before all; acknowledged and ended ones are none; and who may not see alerts sees none."""
    urgent, warned, handled = uuid4(), uuid4(), uuid4()

    async def raise_alert(patient: UUID, rule: int, urgency: AlertUrgency.ValueType, **more: object) -> None:
        columns = {"resolve_time": None, "acknowledged": False, **more}
        await quiet.fetch(
            "insert into alert (patient_id, alert_id, rule, raise_time, live_until, resolve_time, acknowledged, body) "
            "values ($1, $2, $3, $4, 'infinity', $5, $6, $7)",
            patient,
            uuid4(),
            rule,
            NOW,
            columns["resolve_time"],
            columns["acknowledged"],
            Alert(urgency=urgency).SerializeToString(),
        )

    await raise_alert(urgent, 1, ALERT_URGENCY_URGENT)
    await raise_alert(urgent, 3, ALERT_URGENCY_WARNING)
    await raise_alert(warned, 3, ALERT_URGENCY_WARNING)
    await raise_alert(handled, 1, ALERT_URGENCY_URGENT, acknowledged=True)
    await raise_alert(handled, 3, ALERT_URGENCY_WARNING, resolve_time=NOW)
    seen = View(frozenset({Window(SCOPE_REPORT_READ), Window(SCOPE_ALERT_READ)}))
    found = (await quiet.cohort(dict.fromkeys((handled, warned, urgent), seen))).patients
    assert [(one.unacknowledged_alerts_count, one.urgent_alerts_count) for one in found] == [(2, 1), (1, 0), (0, 0)]
    assert list(found[0].needs) == [COHORT_NEED_URGENT_ALERT, COHORT_NEED_MISSING_DATA, COHORT_NEED_ALERT]
    assert list(found[1].needs) == [COHORT_NEED_MISSING_DATA, COHORT_NEED_ALERT]
    hidden = await one(quiet, urgent, view(SCOPE_REPORT_READ))
    assert (hidden.unacknowledged_alerts_count, hidden.urgent_alerts_count) == (0, 0)
    assert list(hidden.needs) == [COHORT_NEED_MISSING_DATA]


async def test_too_many_days_to_make_are_refused_not_served_stale(
    quiet: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has settled for long."""
    monkeypatch.setattr(cohort, "_MOST_MARKED", 1)
    patient = uuid4()
    await quiet.log(patient, curve(MIDNIGHT - timedelta(minutes=5), [100] * 2))
    with pytest.raises(ApricotError) as refused:
        await one(quiet, patient)
    assert refused.value.reason == Reason.REASON_UNAVAILABLE
    await quiet.settle_all()
    assert (await one(quiet, patient)).readings_count == 2


async def test_ten_mmol_per_l_is_in_range(quiet: Quiet) -> None:
    patient = uuid4()
    await quiet.log(patient, [SENSOR.sensor_reading(NOW, 10.0, MMOL)])
    assert (await one(quiet, patient)).in_range_percent == 100


async def test_active_time_is_that_of_the_days_asked_for(quiet: Quiet) -> None:
    patient = uuid4()
    await quiet.log(patient, curve(MIDNIGHT - timedelta(days=1), [100] * 288))
    assert (await one(quiet, patient, last_days=1)).readings_count == 0
    assert (await one(quiet, patient, last_days=2)).active_percent == pytest.approx(100 * 24 / 36)
    assert (await one(quiet, patient)).active_percent == pytest.approx(100 * 24 / (13 * 24 + 12))


async def test_today_is_where_the_patient_last_was(quiet: Quiet) -> None:
    """It is the 24th in Shanghai, and was the 23rd for who flew to Honolulu."""
    patient = uuid4()
    await quiet.log(patient, [SENSOR.sensor_reading(NOW - timedelta(hours=14), 100)])  # the 23rd in Shanghai
    assert (await one(quiet, patient, last_days=1)).readings_count == 0
    there = Recorder.by_hand("sensor", "Pacific/Honolulu")
    await quiet.log(patient, [there.sensor_reading(NOW - timedelta(hours=1), 100)])
    assert (await one(quiet, patient, last_days=1)).readings_count == 2


async def test_fingersticks_count_where_there_is_no_sensor(quiet: Quiet) -> None:
    patient = uuid4()
    sticks = [SENSOR.fingerstick_reading(MIDNIGHT + timedelta(hours=hour), 100) for hour in range(4)]
    await quiet.log(patient, sticks)
    found = await one(quiet, patient)
    assert (found.readings_count, found.active_percent) == (4, 0)
    assert COHORT_NEED_MISSING_DATA not in found.needs  # nobody pricks a finger every five minutes
    await quiet.log(patient, curve(MIDNIGHT - timedelta(days=1), [100] * 3))
    assert (await one(quiet, patient)).readings_count == 3


async def test_without_data_there_is_missing_data(quiet: Quiet) -> None:
    found = await one(quiet, uuid4())
    assert list(found.needs) == [COHORT_NEED_MISSING_DATA, COHORT_NEED_NO_CONTACT]
    assert not found.HasField("gri")
    assert not found.HasField("mean_mg_per_dl")
    assert not found.HasField("last_reading_time")


async def test_two_days_of_silence_are_missing_data(quiet: Quiet) -> None:
    patient = uuid4()
    await quiet.log(patient, curve(NOW - timedelta(days=20, minutes=-10), [100] * 288 * 18))
    assert COHORT_NEED_MISSING_DATA not in (await one(quiet, patient, last_days=20)).needs
    quiet.now = NOW + timedelta(minutes=5)
    try:
        assert COHORT_NEED_MISSING_DATA in (await one(quiet, patient, last_days=20)).needs
    finally:
        quiet.now = NOW


async def test_a_narrow_grant_shows_its_whole_days_alone(quiet: Quiet) -> None:
    """Not a reading beyond its edges: neither in the figures, nor as the last one, nor as silence."""
    patient = uuid4()
    await quiet.log(patient, curve(MIDNIGHT - timedelta(days=4), [100] * 288 * 4))
    start = MIDNIGHT - timedelta(days=3, hours=1)
    end = MIDNIGHT - timedelta(hours=1)
    for _ in "unsettled", "settled":
        found = await one(quiet, patient, view(SCOPE_REPORT_READ, (start, end)))
        assert found.readings_count == 2 * 288
        assert found.active_percent == 100
        assert to_datetime(found.last_reading_time) == end - timedelta(minutes=5)
        assert list(found.needs) == []
        two = (start, start + timedelta(days=1, hours=2)), (end - timedelta(days=1, hours=2), END)
        assert (await one(quiet, patient, view(SCOPE_REPORT_READ, *two))).readings_count == 2 * 288
        await quiet.settle_all()
    before = MIDNIGHT - timedelta(days=9), MIDNIGHT - timedelta(days=6)
    hidden = await one(quiet, patient, view(SCOPE_REPORT_READ, before))
    assert hidden.readings_count == 0
    assert not hidden.HasField("last_reading_time")


async def test_a_day_that_reaches_beyond_its_grant_by_another_zone_is_left_out(quiet: Quiet) -> None:
    """Of a traveller's yesterday a part lies behind the grant's end."""
    patient = uuid4()
    there = Recorder.by_hand("sensor", "Pacific/Honolulu")
    await quiet.log(patient, [there.sensor_reading(MIDNIGHT + timedelta(hours=6), 40)])  # the 23rd there
    home = curve(MIDNIGHT - timedelta(days=2), [100] * 288)
    await quiet.log(patient, home)
    granted = view(SCOPE_REPORT_READ, (MIDNIGHT - timedelta(days=5), MIDNIGHT))
    found = await one(quiet, patient, granted)
    assert (found.readings_count, found.very_low_percent) == (288, 0)


async def test_contact_is_a_word_or_plan_by_somebody_else(quiet: Quiet) -> None:
    patient, clinician = uuid4(), uuid4()
    planner = view(SCOPE_PLAN_READ)

    async def step(kind: int, actor: UUID | None, days_ago: float) -> None:
        await quiet.fetch(
            "insert into timeline_item values ($1, $2, $3, $4, $5, '')",
            patient,
            uuid4(),
            NOW - timedelta(days=days_ago),
            kind,
            actor,
        )

    await step(10, None, 1)
    await step(11, patient, 1)
    assert COHORT_NEED_NO_CONTACT in (await one(quiet, patient, planner)).needs
    await step(12, clinician, 40)
    found = await one(quiet, patient, planner)
    assert to_datetime(found.last_contact_time) == NOW - timedelta(days=40)
    assert COHORT_NEED_NO_CONTACT in found.needs
    await step(11, clinician, 29)
    found = await one(quiet, patient, planner)
    assert to_datetime(found.last_contact_time) == NOW - timedelta(days=29)
    assert COHORT_NEED_NO_CONTACT not in found.needs
    for seen in view(SCOPE_GLUCOSE_READ), view(SCOPE_PLAN_READ, (NOW - timedelta(days=20), END)):
        found = await one(quiet, patient, seen)
        assert not found.HasField("last_contact_time")
        assert COHORT_NEED_NO_CONTACT not in found.needs  # who may not see does not know


async def test_the_neediest_come_first_page_by_page(quiet: Quiet) -> None:
    chance = random.Random(1)
    patients = [uuid4() for _ in range(23)]
    for patient in patients[:-3]:
        await quiet.log(patient, curve(MIDNIGHT, [chance.choice([50, 65, 100, 200, 300]) for _ in range(5)]))
    views = dict.fromkeys(patients, EVERYTHING)
    whole = await quiet.cohort(views, page_size=1000)
    assert [found.rank for found in whole.patients] == list(range(1, 24))
    assert {found.patient_id for found in whole.patients} == set(map(str, patients))
    assert [found.needs[0] for found in whole.patients] == sorted(found.needs[0] for found in whole.patients)
    assert not whole.next_page_token
    paged: list[CohortPatient] = []
    token = ""
    while True:
        page = await quiet.cohort(views, page_size=4, page_token=token)
        assert page.total_count == 23
        paged += page.patients
        if not (token := page.next_page_token):
            break
    assert paged == list(whole.patients)


async def test_a_filter_leaves_those_with_any_of_the_needs(quiet: Quiet) -> None:
    low, high, well = uuid4(), uuid4(), uuid4()
    for patient, value in (low, 65), (high, 200), (well, 100):
        await quiet.log(patient, curve(MIDNIGHT, [value] * 3))
    views = dict.fromkeys((well, high, low), EVERYTHING)
    found = await quiet.cohort(views, needs=[COHORT_NEED_LOW, COHORT_NEED_VERY_LOW])
    assert [(one.patient_id, one.rank) for one in found.patients] == [(str(low), 1)]
    assert found.total_count == 1
    found = await quiet.cohort(views, needs=[COHORT_NEED_LOW, COHORT_NEED_OUT_OF_RANGE])
    assert [one.patient_id for one in found.patients] == [str(low), str(high)]
    empty = await quiet.cohort({well: EVERYTHING}, needs=[COHORT_NEED_LOW])
    assert (len(empty.patients), empty.total_count, empty.next_page_token) == (0, 0, "")


@pytest.mark.parametrize("key", [(), (1, 2), ("a", 2, "b"), (1.5, 2, "b")])
async def test_a_forged_page_token_is_refused(quiet: Quiet, key: tuple[str | int, ...]) -> None:
    patient = uuid4()
    token = paging.encode(key, GetCohortRequest(patient_ids=[str(patient)]))
    with pytest.raises(ApricotError) as refused:
        await quiet.cohort({patient: EVERYTHING}, page_token=token)
    assert refused.value.reason == Reason.REASON_INVALID_PAGE_TOKEN


async def test_two_thousand_patients_in_one_call(quiet: Quiet) -> None:
    patients = [uuid4() for _ in range(2000)]
    await quiet.log(patients[7], curve(MIDNIGHT, [40]))
    found = await quiet.cohort(dict.fromkeys(patients, EVERYTHING), page_size=1)
    assert found.total_count == 2000
    assert [one.patient_id for one in found.patients] == [str(patients[7])]


async def test_a_clinician_sees_each_change_at_once_and_the_worker_keeps_up(people: People, platform: Platform) -> None:
    """Through the gateway, with nothing but the grant of reports."""
    patient, clinician = await people.patient(), await people.patient()
    await patient.grant(clinician, SCOPE_REPORT_READ)
    reports = ReportServiceStub(clinician.session._channel)
    request = GetCohortRequest(patient_ids=[patient.account_id])

    async def counted() -> tuple[int, float]:
        (found,) = (await reports.GetCohort(request)).patients
        return found.readings_count, found.mean_mg_per_dl

    first, second = SENSOR.sensor_reading(ago(10), 100), SENSOR.sensor_reading(ago(5), 200)
    await log(patient, first, second)
    assert await counted() == (2, 150)
    await amend(patient, _with_value(second, 300), 1)
    assert await counted() == (2, 200)
    await delete(patient, first.entry_id, 1)
    assert await counted() == (1, 300)

    database = Database(platform.database_url, "glucose", platform.sealing_keys("glucose"))
    async with database.connection() as connection:
        marked = "select not exists (select from glucose_day_mark where patient_id = $1)"
        await until(lambda: connection.fetchval(marked, UUID(patient.account_id)))
    await database.close()
    assert await counted() == (1, 300)


def _with_value(entry: Entry, mg_per_dl: float) -> Entry:
    changed = Entry()
    changed.CopyFrom(entry)
    changed.sensor_reading.glucose.value = mg_per_dl
    return changed
