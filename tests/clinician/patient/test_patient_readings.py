"""Readings as columns, and lists beside live changes: whatever comes in whichever order, each entry is there once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import hypothesis.strategies as st
from apricot.glucose.v1.entry_pb2 import (
    GLUCOSE_BOUND_LOW,
    GLUCOSE_UNIT_MMOL_PER_L,
    INSULIN_KIND_RAPID,
    Entry,
)
from hypothesis import given, settings

from clients.clinician.models.patient.readings import LEVELS, Readings, microseconds
from clients.clinician.models.patient.record import Record, time_of
from clients.readings.levels import Level
from clients.sdk.entries import Recorder

START = datetime(2026, 11, 24, tzinfo=UTC)
SENSOR = Recorder.by_hand("sensor/1", "Asia/Shanghai")
METER = Recorder.by_hand("meter/1", "Asia/Shanghai")


def _at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def _entries(minutes: list[int]) -> list[Entry]:
    makers = SENSOR.sensor_reading, METER.fingerstick_reading
    return [makers[place % 2](_at(minute), 100 + place) for place, minute in enumerate(minutes)]


def _ids(readings: Readings) -> list[str]:
    return [readings.entry(place).entry_id for place in range(len(readings))]


minutes = st.lists(st.integers(0, 40), max_size=30)


@given(minutes, minutes, st.integers(0, 40), st.integers(0, 40))
def test_a_list_replaces_its_own_time_and_no_other(
    before: list[int], listed: list[int], start: int, length: int
) -> None:
    record = Record()
    old, new = _entries(before), _entries(listed)
    record.put(old)
    end = start + length
    new = [entry for entry in new if microseconds(_at(start)) <= time_of(entry) < microseconds(_at(end))]
    record.fill(microseconds(_at(start)), microseconds(_at(end)), new)
    outside = [one for one in old if not microseconds(_at(start)) <= time_of(one) < microseconds(_at(end))]
    assert sorted(_ids(record.readings)) == sorted(one.entry_id for one in [*outside, *new])
    times = record.readings.rows["time"]
    assert (times[1:] >= times[:-1]).all()


@settings(max_examples=60)
@given(minutes, st.data())
def test_what_is_heard_while_a_list_is_underway_is_newer_than_the_list(planned: list[int], data: st.DataObject) -> None:
    """The platform made the list before the changes; its pages arrive after them."""
    entries = _entries(planned)
    record, truth = Record(), {entry.entry_id: entry for entry in entries}
    record.begin_list()
    for entry in entries:
        match data.draw(st.sampled_from(["stay", "delete", "amend", "move"])):
            case "delete":
                record.remove(entry)
                del truth[entry.entry_id]
            case "amend" | "move" as change:
                amended = Entry()
                amended.CopyFrom(entry)
                amended.time.seconds += 7 * 60 if change == "move" else 0
                record.amend(amended, entry)
                truth[entry.entry_id] = amended
    logged = _entries(data.draw(minutes))
    record.put(logged)
    truth |= {entry.entry_id: entry for entry in logged}
    pages, end = sorted(entries, key=time_of, reverse=True), None
    size = data.draw(st.integers(1, 5))
    for first in range(0, len(pages), size):
        page = pages[first : first + size]
        record.fill(time_of(page[-1]), end, page)
        end = time_of(page[-1])
    record.fill(0, end, [])
    record.end_list()
    shown = [record.readings.entry(place) for place in range(len(record.readings))]
    assert sorted((one.entry_id, time_of(one)) for one in shown) == sorted(
        (one.entry_id, time_of(one)) for one in truth.values()
    )


def test_a_reading_is_kept_as_it_was_measured() -> None:
    readings = Readings()
    low = SENSOR.sensor_reading(_at(5), 2.2, GLUCOSE_UNIT_MMOL_PER_L, GLUCOSE_BOUND_LOW)
    edge = METER.fingerstick_reading(_at(1), 10.0, GLUCOSE_UNIT_MMOL_PER_L)
    readings.put(readings.rows_of([low, edge]))
    assert readings.entry(1).sensor_reading == low.sensor_reading
    assert readings.entry(0).fingerstick_reading.glucose == edge.fingerstick_reading.glucose
    assert [LEVELS[place] for place in readings.rows["level"]] == [Level.IN_RANGE, Level.VERY_LOW]
    assert readings.entry(1).device == "sensor/1"


def test_other_entries_are_told_apart_by_kind_and_follow_amendments_and_deletions() -> None:
    record = Record()
    meal, dose = SENSOR.meal(_at(9), 45), SENSOR.insulin_dose(_at(3), INSULIN_KIND_RAPID, Decimal("4.5"))
    record.put([meal, dose])
    assert [one.entry_id for one in record.of_kind("meal", "insulin_dose")] == [dose.entry_id, meal.entry_id]
    larger = Entry()
    larger.CopyFrom(meal)
    larger.meal.carbohydrate_g = 60
    record.amend(larger, meal)
    assert [one.meal.carbohydrate_g for one in record.of_kind("meal")] == [60]
    record.remove(larger)
    assert record.of_kind("meal") == []
