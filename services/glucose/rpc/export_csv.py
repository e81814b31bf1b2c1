"""Diary entries as rows for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from apricot.glucose.v1.entry_pb2 import (
    DoseUnit,
    Entry,
    ExerciseIntensity,
    ExerciseKind,
    Glucose,
    GlucoseBound,
    GlucoseUnit,
    InsulinKind,
    MealContext,
)

from kit.times import to_datetime
from services.glucose.domain.entries import zone

HEADER = (
    "time",
    "time_zone",
    "time_utc",
    "kind",
    "device",
    "glucose",
    "glucose_unit",
    "glucose_bound",
    "meal_context",
    "carbohydrate_g",
    "energy_kcal",
    "exercise",
    "duration_minutes",
    "intensity",
    "medicine",
    "insulin_kind",
    "dose",
    "dose_unit",
    "atc_code",
    "ketone_mmol_per_l",
    "weight_kg",
    "systolic_mmhg",
    "diastolic_mmhg",
    "pulse_bpm",
    "text",
    "photo_ids",
    "entry_id",
    "revision",
    "record_time_utc",
    "author_id",
)

_UNITS = {GlucoseUnit.GLUCOSE_UNIT_MG_PER_DL: "mg/dL", GlucoseUnit.GLUCOSE_UNIT_MMOL_PER_L: "mmol/L"}
_FORMULA_STARTS = tuple("=+-@＝＋－＠\t\r\n")


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as RFC 4180 writes them, in UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def csv_row(entry: Entry) -> list[str]:
    """One entry, in the order of `HEADER`."""
    time = to_datetime(entry.time)
    cells = {
        "time": time.astimezone(zone(entry.time_zone)).strftime("%Y-%m-%d %H:%M:%S"),
        "time_zone": entry.time_zone,
        "time_utc": _utc(time),
        "kind": entry.WhichOneof("content") or "",
        "device": harmless(entry.device),
        "entry_id": entry.entry_id,
        "revision": str(entry.revision),
        "record_time_utc": _utc(to_datetime(entry.record_time)),
        "author_id": entry.author_id,
        **_content(entry),
    }
    return [cells.get(column, "") for column in HEADER]


def harmless(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _content(entry: Entry) -> dict[str, str]:
    match entry.WhichOneof("content"):
        case "sensor_reading":
            return _glucose(entry.sensor_reading.glucose)
        case "fingerstick_reading":
            reading = entry.fingerstick_reading
            return _glucose(reading.glucose) | {"meal_context": _word(MealContext, reading.meal_context)}
        case "meal":
            meal = entry.meal
            return {
                "carbohydrate_g": _number(meal.carbohydrate_g),
                "energy_kcal": _number(meal.energy_kcal) if meal.energy_kcal else "",
                "text": harmless(meal.description),
                "photo_ids": " ".join(meal.photo_ids),
            }
        case "exercise":
            return {
                "exercise": _word(ExerciseKind, entry.exercise.kind),
                "duration_minutes": str(entry.exercise.duration_minutes),
                "intensity": _word(ExerciseIntensity, entry.exercise.intensity),
                "text": harmless(entry.exercise.description),
            }
        case "insulin_dose":
            return {
                "medicine": harmless(entry.insulin_dose.name),
                "insulin_kind": _word(InsulinKind, entry.insulin_dose.kind),
                "dose": entry.insulin_dose.amount_units.value,
                "dose_unit": "IU",
            }
        case "medicine_dose":
            return {
                "medicine": harmless(entry.medicine_dose.name),
                "dose": entry.medicine_dose.amount.value,
                "dose_unit": _word(DoseUnit, entry.medicine_dose.unit),
                "atc_code": entry.medicine_dose.atc_code,
            }
        case "ketone":
            return {"ketone_mmol_per_l": _number(entry.ketone.value_mmol_per_l)}
        case "weight":
            return {"weight_kg": _number(entry.weight.value_kg)}
        case "blood_pressure":
            pressure = entry.blood_pressure
            return {
                "systolic_mmhg": str(pressure.systolic_mmhg),
                "diastolic_mmhg": str(pressure.diastolic_mmhg),
                "pulse_bpm": str(pressure.pulse_bpm or ""),
            }
        case "note":
            return {"text": harmless(entry.note.text)}
    return {}


def _glucose(glucose: Glucose) -> dict[str, str]:
    return {
        "glucose": _number(glucose.value),
        "glucose_unit": _UNITS[glucose.unit],
        "glucose_bound": _word(GlucoseBound, glucose.bound),
    }


def _number(value: float) -> str:
    """All digits of a measured value, and no more."""
    return repr(value).removesuffix(".0")


def _word(enum: Any, value: int) -> str:
    """An enum's value in lower case without its prefix; empty for the unspecified."""
    if not value:
        return ""
    name: str = enum.Name(value)
    return name.removeprefix(enum.Name(0).removesuffix("UNSPECIFIED")).lower()


def _utc(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
