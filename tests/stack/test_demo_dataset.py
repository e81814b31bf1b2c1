"""The demo's data is whole, legal and can be replayed from any moment."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from stack.demo.dataset import DATA, DAY, Bound, DemoPatient, Kind, apart, load, split

PATIENTS = load()
LIMITS = {"mg/dL": (Decimal(40), Decimal(400)), "mmol/L": (Decimal("2.2"), Decimal("22.2"))}
each_patient = pytest.mark.parametrize("patient", PATIENTS, ids=lambda patient: patient.key)
each_hour = pytest.mark.parametrize("hour", range(0, 24, 3))


def test_six_patients_four_real_two_virtual() -> None:
    assert len({patient.key for patient in PATIENTS}) == 6
    assert sum("CC BY 4.0" in patient.source for patient in PATIENTS) == 4
    pumps = [p for p in PATIENTS if {e.kind for e in p.entries} == set(Kind)]
    assert {p.key for p in pumps} == {"lin-xiaowen", "li-haoran"}
    assert all(p.entries[-1].time_local - p.entries[0].time_local > 13.9 * DAY for p in pumps)


def test_both_units_are_there_and_never_mixed() -> None:
    units = [{e.unit for e in p.entries if e.kind is Kind.SENSOR} for p in PATIENTS]
    assert sorted(map(sorted, units)) == [["mg/dL"]] * 5 + [["mmol/L"]]


def test_lows_and_highs_are_there() -> None:
    real = [[e.value for e in p.entries] for p in PATIENTS if "CC BY 4.0" in p.source]
    assert sum(min(values) < 70 for values in real) == 3
    assert sum(max(values) > 180 for values in real) == 3
    assert min(map(min, real)) < 54
    assert max(map(max, real)) > 250
    assert {e.bound for p in PATIENTS for e in p.entries} == set(Bound)


@each_patient
def test_times_increase_within_each_kind(patient: DemoPatient) -> None:
    for kind in Kind:
        times = [entry.time_local for entry in patient.entries if entry.kind is kind]
        assert all(one < other for one, other in pairwise(times))


@each_patient
def test_values_are_legal(patient: DemoPatient) -> None:
    for entry in patient.entries:
        if entry.kind is Kind.SENSOR:
            low, high = LIMITS[entry.unit]
            assert low <= entry.value <= high
            assert entry.bound is not Bound.LOW or entry.value == low
            assert entry.bound is not Bound.HIGH or entry.value == high
        else:
            assert entry.value > 0
            assert entry.bound is Bound.NONE
            assert entry.unit == {Kind.MEAL: "g", Kind.INSULIN: "U"}[entry.kind]


@each_patient
@each_hour
def test_history_ends_now_and_a_day_follows(patient: DemoPatient, hour: int) -> None:
    now = datetime(2027, 2, 28, hour, 17, 42, tzinfo=UTC)
    history, live = split(patient, now)
    assert now - timedelta(minutes=5) < history[-1].at <= now < live[0].at
    assert live[-1].at <= now + DAY
    entries = [timed.entry for timed in history + live]
    assert entries == patient.entries[: len(entries)]
    assert len(live) > 96  # of 288: one sensor lost its signal for half a day
    assert now - history[0].at > 3.5 * DAY


@each_patient
@each_hour
def test_the_time_of_day_is_kept(patient: DemoPatient, hour: int) -> None:
    history, live = split(patient, datetime(2027, 2, 28, hour, 17, 42, tzinfo=UTC))
    for timed in history + live:
        clock = timed.at.astimezone(ZoneInfo(patient.zone)).replace(tzinfo=None)
        assert apart(clock, timed.entry.time_local) <= timedelta(hours=2)


def test_the_data_is_small() -> None:
    assert sum(file.stat().st_size for file in DATA.rglob("*") if file.is_file()) < 1_000_000
