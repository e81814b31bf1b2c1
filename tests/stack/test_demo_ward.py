"""The ward: who comes first, and that every entry counts once."""

from datetime import timedelta
from uuid import uuid4

from apricot.glucose.v1.entry_pb2 import INSULIN_KIND_RAPID, Entry
from apricot.glucose.v1.events_pb2 import EntriesLogged, EntryAmended, EntryDeleted
from apricot.glucose.v1.watch_pb2 import Heartbeat, PatientSnapshot, WatchPatientsResponse
from apricot.identity.v1.care_pb2 import Patient

from clients.readings.levels import Level
from stack.demo.ward import KEPT, Row, Ward
from stack.demo.words import note
from tests.stack.demo_readings import NOW, PHONE, STEP, series

WANG, LIN = "5b0c2b4e-0000-4000-8000-000000000001", "5b0c2b4e-0000-4000-8000-000000000002"


def ward() -> Ward:
    return Ward([Patient(patient_id=WANG, display_name="Wang"), Patient(patient_id=LIN, display_name="Lin")])


def logged(patient: str, *entries: Entry) -> WatchPatientsResponse:
    return WatchPatientsResponse(entries_logged=EntriesLogged(patient_id=patient, entries=entries))


def snapshot(patient: str, *entries: Entry, latest: Entry | None = None) -> WatchPatientsResponse:
    return WatchPatientsResponse(
        snapshot=PatientSnapshot(patient_id=patient, entries=entries, latest_reading=latest or entries[-1])
    )


def row(ward: Ward, patient: str) -> Row:
    return next(row for row in ward.rows() if row.patient.patient_id == patient)


def values(ward: Ward, patient: str) -> list[float]:
    return [reading.sensor_reading.glucose.value for reading in row(ward, patient).readings]


def test_by_need_then_by_name() -> None:
    by_need = [50.0, 60.0, 300.0, 200.0, 100.0]
    patients = [Patient(patient_id=str(uuid4()), display_name=f"{9 - index}") for index in range(len(by_need))]
    silent = Patient(patient_id=str(uuid4()), display_name="0")
    calm = Patient(patient_id=str(uuid4()), display_name="1")
    everybody = Ward([silent, calm, *reversed(patients)])
    for patient, value in [*zip(patients, by_need, strict=True), (calm, 120.0)]:
        everybody.apply(snapshot(patient.patient_id, *series(value)))
    assert [row.name for row in everybody.rows()] == ["9", "8", "7", "6", "1", "5", "0"]
    assert everybody.rows()[-1].reading is None


def test_a_patient_without_a_name_has_one() -> None:
    assert Ward([Patient(patient_id=WANG)]).rows()[0].name == "patient 5b0c2b4e"


def test_a_repeated_snapshot_and_event_count_once() -> None:
    readings = series(100, 110, 120)
    one = ward()
    for _ in range(2):
        one.apply(snapshot(WANG, *readings))
        one.apply(logged(WANG, *readings[1:]))
    assert values(one, WANG) == [100, 110, 120]
    assert values(one, LIN) == []


def test_a_snapshot_forgets_what_it_does_not_hold() -> None:
    kept, deleted = series(100, 110)
    one = ward()
    one.apply(snapshot(WANG, kept, deleted))
    one.apply(snapshot(WANG, kept))
    assert values(one, WANG) == [100]


def test_the_latest_reading_is_shown_however_old() -> None:
    one = ward()
    old = series(100, end=NOW - timedelta(days=3))[0]
    one.apply(WatchPatientsResponse(snapshot=PatientSnapshot(patient_id=WANG, latest_reading=old)))
    assert row(one, WANG).reading == old


def test_late_readings_find_their_place() -> None:
    readings = series(100, 110, 120)
    one = ward()
    one.apply(logged(WANG, readings[2]))
    one.apply(logged(WANG, readings[1], readings[0]))
    assert values(one, WANG) == [100, 110, 120]


def test_an_amended_entry_replaces_the_earlier_one() -> None:
    first, second = series(100, 110)
    one = ward()
    one.apply(snapshot(WANG, first, second))
    amended = Entry()
    amended.CopyFrom(first)
    amended.sensor_reading.glucose.value = 45
    amended.time.FromDatetime(NOW + STEP)
    one.apply(WatchPatientsResponse(entry_amended=EntryAmended(patient_id=WANG, entry=amended, previous=first)))
    assert values(one, WANG) == [110, 45]
    assert row(one, WANG).level is Level.VERY_LOW


def test_a_deleted_entry_is_gone() -> None:
    first, second = series(100, 50)
    one = ward()
    one.apply(snapshot(WANG, first, second))
    one.apply(WatchPatientsResponse(entry_deleted=EntryDeleted(patient_id=WANG, previous=second, revision=2)))
    assert values(one, WANG) == [100]
    assert row(one, WANG).level is Level.IN_RANGE


def test_the_newest_are_kept() -> None:
    one = ward()
    one.apply(logged(WANG, *series(*range(50, 50 + KEPT + 30))))
    assert values(one, WANG) == list(range(80, 80 + KEPT))


def test_meals_and_doses_are_notes_and_never_readings() -> None:
    one = ward()
    meal = PHONE.meal(NOW - STEP, 45, description="lunch")
    dose = PHONE.insulin_dose(NOW, INSULIN_KIND_RAPID, "4.5")
    one.apply(logged(WANG, dose, meal))
    found = row(one, WANG)
    assert (found.reading, found.latest_note) == (None, dose)
    assert [note(meal), note(dose)] == ["45 g lunch", "4.5 U rapid"]


def test_what_is_not_about_a_patient_of_the_ward_changes_nothing() -> None:
    one = ward()
    assert one.apply(WatchPatientsResponse(heartbeat=Heartbeat())) is None
    assert one.apply(logged(str(uuid4()), *series(100))) is None
    assert all(row.reading is None for row in one.rows())


def test_who_stays_on_the_ward_keeps_the_chart() -> None:
    one = ward()
    one.apply(snapshot(WANG, *series(100)))
    one.admit([Patient(patient_id=WANG, display_name="Wang Jianhua")])
    assert [(row.name, len(row.readings)) for row in one.rows()] == [("Wang Jianhua", 1)]
