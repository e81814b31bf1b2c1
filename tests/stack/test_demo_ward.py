"""The ward: who comes first, what is said about a value, and that every entry counts once."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from apricot.glucose.v1.entry_pb2 import (
    GLUCOSE_BOUND_HIGH,
    GLUCOSE_BOUND_LOW,
    GLUCOSE_BOUND_UNSPECIFIED,
    GLUCOSE_UNIT_MG_PER_DL,
    GLUCOSE_UNIT_MMOL_PER_L,
    INSULIN_KIND_RAPID,
    Entry,
    Glucose,
    GlucoseBound,
    GlucoseUnit,
)
from apricot.glucose.v1.events_pb2 import EntriesLogged, EntryAmended, EntryDeleted
from apricot.glucose.v1.watch_pb2 import Heartbeat, PatientSnapshot, WatchPatientsResponse
from apricot.identity.v1.care_pb2 import Patient

from clients.sdk import Recorder
from stack.demo.lapse import REPLAYED_SENSOR, SENSOR, SPEED
from stack.demo.levels import Level, level_of, number
from stack.demo.sparkline import columns
from stack.demo.trend import arrow, rate_of
from stack.demo.ward import KEPT, Row, Ward
from stack.demo.words import age, note, reading_line

MG, MMOL = GLUCOSE_UNIT_MG_PER_DL, GLUCOSE_UNIT_MMOL_PER_L
NOW = datetime(2027, 2, 28, 12, 0, tzinfo=UTC)
STEP = timedelta(minutes=5)
WANG, LIN = "5b0c2b4e-0000-4000-8000-000000000001", "5b0c2b4e-0000-4000-8000-000000000002"
PHONE = Recorder.by_hand("phone", "Asia/Shanghai")


def ward() -> Ward:
    return Ward([Patient(patient_id=WANG, display_name="Wang"), Patient(patient_id=LIN, display_name="Lin")])


def series(*values: float, device: str = SENSOR, step: timedelta = STEP, end: datetime = NOW) -> list[Entry]:
    """Sensor readings in mg/dL, the last at `end`."""
    recorder = Recorder.by_hand(device, "Asia/Shanghai")
    begin = end - step * (len(values) - 1)
    return [recorder.sensor_reading(begin + step * index, value) for index, value in enumerate(values)]


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


@pytest.mark.parametrize(
    ("value", "unit", "level"),
    [
        (53.9, MG, Level.VERY_LOW),
        (54, MG, Level.LOW),
        (69, MG, Level.LOW),
        (70, MG, Level.IN_RANGE),
        (180, MG, Level.IN_RANGE),
        (181, MG, Level.HIGH),
        (250, MG, Level.HIGH),
        (251, MG, Level.VERY_HIGH),
        (2.9, MMOL, Level.VERY_LOW),
        (3.0, MMOL, Level.LOW),
        (3.8, MMOL, Level.LOW),
        (3.9, MMOL, Level.IN_RANGE),
        (10.0, MMOL, Level.IN_RANGE),  # 180.2 mg/dL
        (10.1, MMOL, Level.HIGH),
        (13.9, MMOL, Level.HIGH),  # 250.4 mg/dL
        (14.0, MMOL, Level.VERY_HIGH),
    ],
)
def test_levels_in_the_unit_as_measured(value: float, unit: GlucoseUnit.ValueType, level: Level) -> None:
    assert level_of(Glucose(value=value, unit=unit)) is level


@pytest.mark.parametrize(
    ("value", "unit", "bound", "shown", "level", "line"),
    [
        (40, MG, GLUCOSE_BOUND_LOW, "LOW", Level.VERY_LOW, "LOW (below 40 mg/dL) very low"),
        (22.2, MMOL, GLUCOSE_BOUND_HIGH, "HIGH", Level.VERY_HIGH, "HIGH (above 22.2 mmol/L) very high"),
        (126, MG, GLUCOSE_BOUND_UNSPECIFIED, "126", Level.IN_RANGE, "126 mg/dL in range"),
        (7, MMOL, GLUCOSE_BOUND_UNSPECIFIED, "7.0", Level.IN_RANGE, "7.0 mmol/L in range"),
    ],
)
def test_values_as_a_meter_shows_them(
    value: float,
    unit: GlucoseUnit.ValueType,
    bound: GlucoseBound.ValueType,
    shown: str,
    level: Level,
    line: str,
) -> None:
    glucose = Glucose(value=value, unit=unit, bound=bound)
    assert (number(glucose), level_of(glucose)) == (shown, level)
    assert reading_line(PHONE.sensor_reading(NOW, value, unit, bound), None) == line


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (None, ""),
        (0, "→"),
        (1, "→"),
        (-1, "→"),
        (1.1, "↗"),
        (2, "↗"),
        (-2, "↘"),
        (2.1, "↑"),
        (3, "↑"),
        (-3, "↓"),
        (3.1, "↑↑"),
        (-4, "↓↓"),
    ],
)
def test_arrows(rate: float | None, shown: str) -> None:
    assert arrow(rate) == shown


def test_the_rate_of_a_quarter_of_an_hour() -> None:
    assert rate_of(series(300, 100, 110, 120, 130)) == pytest.approx(2)


def test_the_rate_in_time_lapse_is_that_of_the_recorded_day() -> None:
    lapse = series(100, 110, 120, 130, device=REPLAYED_SENSOR, step=STEP / SPEED)
    assert rate_of(lapse) == pytest.approx(2)
    history = series(250, 250, 250, end=lapse[0].time.ToDatetime(UTC))
    assert rate_of([*history, *lapse]) == pytest.approx(2)


def test_the_rate_of_mmol_per_l_is_in_mg_per_dl() -> None:
    readings = [PHONE.sensor_reading(NOW + STEP * index, 5 + index, MMOL) for index in range(4)]
    assert rate_of(readings) == pytest.approx(18.0156 / 5)


@pytest.mark.parametrize(
    "readings",
    [
        series(100),
        series(100, 140),  # one step alone is noise
        [*series(100, 100, 100, end=NOW - timedelta(hours=2)), *series(150)],
        [PHONE.fingerstick_reading(NOW + STEP * index, 100 + 20 * index) for index in range(4)],
        [PHONE.sensor_reading(NOW + STEP * index, 40, bound=GLUCOSE_BOUND_LOW) for index in range(4)],
    ],
    ids=["one", "two", "after a gap", "fingersticks", "bounds"],
)
def test_no_rate_where_nobody_can_tell(readings: list[Entry]) -> None:
    assert rate_of(readings) is None


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


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3, "now"),
        (1.9, "now"),
        (12, "12 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (7200, "2 h"),
        (2e5, "2 d"),
    ],
)
def test_ages(seconds: float, shown: str) -> None:
    assert age(timedelta(seconds=seconds)) == shown


def test_sparklines_share_one_scale() -> None:
    assert columns([20, 40, 110, 300, 400], 1) == ["▁", "▁", "▄", "█", "█"]
    assert columns([40, 110, 300], 2) == [" ▁", " █", "██"]
    assert columns([], 3) == []
