"""Every way in which a diary entry can be wrong: the reason it gets, and the path of the field to blame."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apricot.errors.v1.reason_pb2 import (
    REASON_INVALID_FIELD,
    REASON_TIME_IMPOSSIBLE,
    REASON_VALUE_IMPOSSIBLE,
    REASON_ZONE_UNKNOWN,
)
from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MMOL_PER_L, INSULIN_KIND_RAPID, Decimal, Entry, InsulinDose

from clients.sdk import Recorder

recorder = Recorder.by_hand("phone", "Asia/Shanghai")


def reading(value: float = 120.0) -> Entry:
    return recorder.sensor_reading(datetime.now(UTC) - timedelta(hours=1), value)


def changed(change: Callable[[Entry], Any]) -> Entry:
    entry = reading()
    change(entry)
    return entry


def set_time(entry: Entry, seconds: int, nanos: int = 0) -> None:
    entry.time.seconds, entry.time.nanos = seconds, nanos


REJECTED: dict[str, tuple[Entry, Any, str]] = {
    "no id": (changed(lambda e: e.ClearField("entry_id")), REASON_INVALID_FIELD, "entry_id"),
    "an id that is none": (changed(lambda e: setattr(e, "entry_id", "42")), REASON_INVALID_FIELD, "entry_id"),
    "no time": (changed(lambda e: e.ClearField("time")), REASON_INVALID_FIELD, "time"),
    "negative time": (changed(lambda e: set_time(e, -1)), REASON_INVALID_FIELD, "time"),
    "year 1": (changed(lambda e: set_time(e, -62135596800)), REASON_INVALID_FIELD, "time"),
    "year 1999": (changed(lambda e: set_time(e, 946684799)), REASON_INVALID_FIELD, "time"),
    "year 9999": (changed(lambda e: set_time(e, 253402300799)), REASON_INVALID_FIELD, "time"),
    "no year at all": (changed(lambda e: set_time(e, 2**63 - 1)), REASON_INVALID_FIELD, "time"),
    "negative nanos": (changed(lambda e: set_time(e, e.time.seconds, -1)), REASON_INVALID_FIELD, "time"),
    "too many nanos": (changed(lambda e: set_time(e, e.time.seconds, 2**31 - 1)), REASON_INVALID_FIELD, "time"),
    "tomorrow": (recorder.note(datetime.now(UTC) + timedelta(days=1), "x"), REASON_TIME_IMPOSSIBLE, "time"),
    "no zone": (changed(lambda e: e.ClearField("time_zone")), REASON_INVALID_FIELD, "time_zone"),
    "zone of nowhere": (changed(lambda e: setattr(e, "time_zone", "Mars/Olympus")), REASON_ZONE_UNKNOWN, "time_zone"),
    "zone of a folder": (changed(lambda e: setattr(e, "time_zone", "Asia")), REASON_ZONE_UNKNOWN, "time_zone"),
    "zone elsewhere": (changed(lambda e: setattr(e, "time_zone", "/etc/passwd")), REASON_ZONE_UNKNOWN, "time_zone"),
    "no device": (changed(lambda e: e.ClearField("device")), REASON_INVALID_FIELD, "device"),
    "NUL in the device": (changed(lambda e: setattr(e, "device", "a\0b")), REASON_INVALID_FIELD, "device"),
    "no content": (changed(lambda e: e.ClearField("content")), REASON_INVALID_FIELD, "content"),
    "NaN": (reading(math.nan), REASON_INVALID_FIELD, "sensor_reading.glucose.value"),
    "infinity": (reading(math.inf), REASON_INVALID_FIELD, "sensor_reading.glucose.value"),
    "less than nothing": (reading(-math.inf), REASON_INVALID_FIELD, "sensor_reading.glucose.value"),
    "negative": (reading(-100), REASON_INVALID_FIELD, "sensor_reading.glucose.value"),
    "too little": (reading(9.9), REASON_VALUE_IMPOSSIBLE, "sensor_reading"),
    "too much": (reading(1000.1), REASON_INVALID_FIELD, "sensor_reading.glucose.value"),
    "the other unit": (
        recorder.sensor_reading(datetime.now(UTC), 100, GLUCOSE_UNIT_MMOL_PER_L),
        REASON_VALUE_IMPOSSIBLE,
        "sensor_reading",
    ),
    "unknown unit": (
        changed(lambda e: setattr(e.sensor_reading.glucose, "unit", 99)),
        REASON_INVALID_FIELD,
        "sensor_reading.glucose.unit",
    ),
    "unknown bound": (
        changed(lambda e: setattr(e.sensor_reading.glucose, "bound", -1)),
        REASON_INVALID_FIELD,
        "sensor_reading.glucose.bound",
    ),
    "no carbohydrate": (recorder.meal(datetime.now(UTC), math.nan), REASON_INVALID_FIELD, "meal.carbohydrate_g"),
    "all the insulin": (
        recorder.insulin_dose(datetime.now(UTC), INSULIN_KIND_RAPID, "300.001"),
        REASON_VALUE_IMPOSSIBLE,
        "insulin_dose",
    ),
    "no insulin": (
        recorder.insulin_dose(datetime.now(UTC), INSULIN_KIND_RAPID, "0.000"),
        REASON_VALUE_IMPOSSIBLE,
        "insulin_dose",
    ),
    "insulin as a word": (
        changed(
            lambda e: e.insulin_dose.MergeFrom(InsulinDose(kind=INSULIN_KIND_RAPID, amount_units=Decimal(value="NaN")))
        ),
        REASON_INVALID_FIELD,
        "insulin_dose.amount_units.value",
    ),
    "a note without end": (recorder.note(datetime.now(UTC), "x" * 2001), REASON_INVALID_FIELD, "note.text"),
}
