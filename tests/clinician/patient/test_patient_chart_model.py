"""A chart over the real platform: history, what happens, what happened while nobody told, and what is not shared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ, SCOPE_GLUCOSE_WRITE, SCOPE_MEAL_READ
from apricot.glucose.v1.diary_pb2 import AmendEntryRequest, DeleteEntryRequest
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.watch_pb2 import PatientSnapshot, WatchPatientsResponse

from clients.clinician.models.desk import Desk
from clients.clinician.models.patient import chart
from clients.clinician.models.patient.chart import ChartModel, Loading
from clients.sdk.entries import Recorder
from tests.clinician.conftest import OpenDesk
from tests.kit.running import until
from tests.people import People, Person

ALL = SCOPE_GLUCOSE_READ, SCOPE_GLUCOSE_WRITE, SCOPE_MEAL_READ, SCOPE_ALERT_READ
HOUR = timedelta(hours=1)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _sensor(patient: Person) -> Recorder:
    return Recorder.of_device(patient.account_id, "sensor/1", "Asia/Shanghai")


def _readings(patient: Person, newest: datetime, count: int, step: timedelta) -> list[Entry]:
    return [_sensor(patient).sensor_reading(newest - place * step, 100 + place % 50) for place in range(count)]


@asynccontextmanager
async def _opened(desk: Desk, patient: Person) -> AsyncIterator[ChartModel]:
    model = ChartModel(desk, patient.account_id)
    model.open()
    yield model
    model.close()


def _shown(model: ChartModel) -> set[str]:
    return {model.record.readings.entry(place).entry_id for place in range(len(model.record.readings))}


async def _live(desk: Desk) -> None:
    await until(lambda: desk.connection.standing.phase == "live")


async def test_history_is_loaded_from_the_newest_back_and_further_when_somebody_looks(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await people.patient()
    entries = _readings(patient, _now(), 3000, timedelta(minutes=5))
    await patient.session.upload(patient.account_id, entries)
    await patient.grant(clinician, *ALL)
    desk = await open_desk(clinician)
    async with _opened(desk, patient) as model:
        await until(lambda: model.loading is Loading.READY)
        day, since = _now() - 24 * HOUR, model.loaded_since
        assert since is not None
        assert _shown(model) == {entry.entry_id for entry in entries if entry.time.ToDatetime(UTC) >= since}
        assert abs(since - day) < HOUR
        model.look_back_to(_now() - timedelta(days=20))
        assert model.loading is Loading.LOADING
        await until(lambda: model.loading is Loading.READY)
        assert _shown(model) == {entry.entry_id for entry in entries}


async def test_what_is_logged_amended_and_deleted_is_shown_at_once(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await people.patient()
    await patient.grant(clinician, *ALL)
    desk = await open_desk(clinician)
    async with _opened(desk, patient) as model:
        await until(lambda: model.loading is Loading.READY)
        await _live(desk)
        reading, meal = _sensor(patient).sensor_reading(_now(), 52), _sensor(patient).meal(_now(), 45)
        await patient.session.log(patient.account_id, [reading, meal])
        await until(lambda: len(model.record.readings) == 1 and len(model.record.of_kind("meal")) == 1)
        moved = Entry()
        moved.CopyFrom(reading)
        moved.time.seconds -= 3600
        moved.sensor_reading.glucose.value = 61
        await patient.session.diary.AmendEntry(
            AmendEntryRequest(patient_id=patient.account_id, request_id=str(uuid4()), entry=moved, expected_revision=1)
        )
        await until(lambda: [row["mg_per_dl"] for row in model.record.readings.rows] == [61])
        assert model.record.readings.time(0) == moved.time.ToDatetime(UTC)
        for entry_id, revision in (reading.entry_id, 2), (meal.entry_id, 1):
            await patient.session.diary.DeleteEntry(
                DeleteEntryRequest(
                    patient_id=patient.account_id,
                    request_id=str(uuid4()),
                    entry_id=entry_id,
                    expected_revision=revision,
                )
            )
        await until(lambda: not len(model.record.readings) and not model.record.of_kind("meal"))


async def test_alerts_are_shown_from_raised_to_resolved(people: People, clinician: Person, open_desk: OpenDesk) -> None:
    patient = await people.patient()
    await patient.grant(clinician, *ALL)
    desk = await open_desk(clinician)
    async with _opened(desk, patient) as model:
        await until(lambda: model.loading is Loading.READY)
        await _live(desk)
        low = _sensor(patient).sensor_reading(_now(), 48)
        await patient.session.log(patient.account_id, [low])
        await until(lambda: len(model.active_alerts) == 1)
        amended = Entry()
        amended.CopyFrom(low)
        amended.sensor_reading.glucose.value = 148
        await patient.session.diary.AmendEntry(
            AmendEntryRequest(
                patient_id=patient.account_id, request_id=str(uuid4()), entry=amended, expected_revision=1
            )
        )
        await until(lambda: not model.active_alerts)
        assert len(model.alerts) == 1
    async with _opened(desk, patient) as again:
        await until(lambda: len(again.alerts) == 1)
        assert not again.active_alerts


async def test_after_a_watch_that_began_anew_there_is_no_hole_and_nothing_that_was_deleted(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await people.patient()
    entries = _readings(patient, _now() - 5 * HOUR, 40, timedelta(minutes=5))
    await patient.session.upload(patient.account_id, entries)
    await patient.grant(clinician, *ALL)
    desk = await open_desk(clinician)
    async with _opened(desk, patient) as model:
        await until(lambda: model.loading is Loading.READY)
        await _live(desk)
        desk.feed.updated.disconnect(model._hear)  # as after an outage longer than events are kept
        missed = _readings(patient, _now() - 10 * HOUR, 20, timedelta(minutes=5))
        await patient.session.upload(patient.account_id, missed)
        gone = DeleteEntryRequest(
            patient_id=patient.account_id,
            request_id=str(uuid4()),
            entry_id=entries[3].entry_id,
            expected_revision=1,
        )
        await patient.session.diary.DeleteEntry(gone)
        desk.feed.updated.connect(model._hear)
        snapshot = PatientSnapshot(patient_id=patient.account_id, latest_reading=entries[0])
        desk.feed.updated.emit(WatchPatientsResponse(snapshot=snapshot))
        assert model.loading is Loading.LOADING
        await until(lambda: model.loading is Loading.READY)
        expected = {entry.entry_id for entry in [*entries, *missed]} - {entries[3].entry_id}
        assert _shown(model) == expected


async def test_a_feed_that_begins_anew_fills_what_happened_meanwhile(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await people.patient()
    await patient.grant(clinician, *ALL)
    desk = await open_desk(clinician)
    async with _opened(desk, patient) as model:
        await until(lambda: model.loading is Loading.READY)
        await _live(desk)
        await desk.tasks.close()  # the watch has broken
        missed = _readings(patient, _now(), 5, HOUR)
        await patient.session.log(patient.account_id, missed)
        desk.tasks.spawn(desk.feed.run())
        await until(lambda: _shown(model) == {entry.entry_id for entry in missed})
        await until(lambda: model.loading is Loading.READY)


async def test_what_the_patient_does_not_share_is_known_as_such(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await people.patient()
    reading, meal = _sensor(patient).sensor_reading(_now(), 120), _sensor(patient).meal(_now(), 45)
    await patient.session.log(patient.account_id, [reading, meal])
    await patient.grant(clinician, SCOPE_MEAL_READ)
    desk = await open_desk(clinician)
    async with _opened(desk, patient) as model:
        await until(lambda: model.loading is Loading.READY)
        assert not model.opens(SCOPE_GLUCOSE_READ)
        assert model.opens(SCOPE_MEAL_READ)
        assert not len(model.record.readings)
        assert len(model.record.of_kind("meal")) == 1


async def test_a_grant_that_is_narrowed_takes_what_it_opened_off_the_screen(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await people.patient()
    reading, meal = _sensor(patient).sensor_reading(_now(), 120), _sensor(patient).meal(_now(), 45)
    await patient.session.log(patient.account_id, [reading, meal])
    glucose = await patient.grant(clinician, SCOPE_GLUCOSE_READ)
    meals = await patient.grant(clinician, SCOPE_MEAL_READ)
    desk = await open_desk(clinician)
    async with _opened(desk, patient) as model:
        await until(lambda: model.loading is Loading.READY and len(model.record.readings) == 1)
        await patient.revoke(glucose)
        desk.feed.patients_changed.emit()
        await until(lambda: model.loading is Loading.READY and not len(model.record.readings))
        assert len(model.record.of_kind("meal")) == 1
        await patient.revoke(meals)
        desk.feed.patients_changed.emit()
        await until(lambda: model.loading is Loading.CLOSED)
        assert not model.record.of_kind("meal")


async def test_a_range_of_time_that_is_shared_says_from_when_on(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await people.patient()
    entries = _readings(patient, _now(), 10, HOUR)
    await patient.session.log(patient.account_id, entries)
    since = _now() - 4 * HOUR - timedelta(minutes=30)
    await patient.grant(clinician, SCOPE_GLUCOSE_READ, data=(since, _now() + 100 * HOUR))
    desk = await open_desk(clinician)
    async with _opened(desk, patient) as model:
        await until(lambda: model.loading is Loading.READY)
        assert model.sharing.since(SCOPE_GLUCOSE_READ) == since
        assert _shown(model) == {entry.entry_id for entry in entries[:5]}


async def test_the_newest_reading_is_known_however_old_it_is(
    people: People, clinician: Person, open_desk: OpenDesk
) -> None:
    patient = await people.patient()
    old = _sensor(patient).sensor_reading(_now() - timedelta(days=40), 120)
    await patient.session.log(patient.account_id, [old])
    await patient.grant(clinician, *ALL)
    desk = await open_desk(clinician)
    async with _opened(desk, patient) as model:
        await until(lambda: model.loading is Loading.READY)
        assert [entry.entry_id for entry in model.record.readings.newest()] == [old.entry_id]


async def test_more_readings_than_are_kept_are_said_to_be_missing(
    people: People, clinician: Person, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart, "MOST_READINGS", 1500)
    patient = await people.patient()
    entries = _readings(patient, _now(), 4000, timedelta(minutes=1))
    await patient.session.upload(patient.account_id, entries)
    await patient.grant(clinician, *ALL)
    desk = await open_desk(clinician)
    await until(lambda: desk.connection.standing.complete_until is not None)  # the watch's snapshot has come
    async with _opened(desk, patient) as model:
        model.look_back_to(_now() - timedelta(days=9))
        await until(lambda: model.loading is Loading.FULL)
        assert model.loaded_since is not None
        assert _shown(model) == {one.entry_id for one in entries if one.time.ToDatetime(UTC) >= model.loaded_since}
        snapshot = PatientSnapshot(patient_id=patient.account_id)
        desk.feed.updated.emit(WatchPatientsResponse(snapshot=snapshot))  # as after a lost connection
        assert model.loading is Loading.LOADING
        await until(lambda: model.loading is Loading.FULL)
        assert model.loaded_since is not None, "what nobody told meanwhile was asked for"
