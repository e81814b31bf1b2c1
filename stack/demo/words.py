"""Entries and ages in a few words."""

from datetime import timedelta

from apricot.glucose.v1.entry_pb2 import DoseUnit, Entry, ExerciseKind, InsulinKind

from clients.readings.levels import BOUNDS, UNITS, Level, level_of, number
from clients.readings.trend import arrow, glucose_of

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def age(passed: timedelta) -> str:
    """How long ago: "now", "12 s", "3 min", "5 h", "2 d"."""
    seconds = int(passed.total_seconds())
    if seconds < 3:
        return "now"
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    return f"{seconds // _HOUR} h" if seconds < 2 * _DAY else f"{seconds // _DAY} d"


def reading_line(reading: Entry, rate: float | None) -> str:
    """A reading in plain text: "7.4 mmol/L ↗ in range", "LOW (below 40 mg/dL) very low"."""
    glucose = glucose_of(reading)
    level, unit = level_of(glucose), UNITS[glucose.unit]
    value = f"{number(glucose)} {unit}"
    if glucose.bound in BOUNDS:
        side = "below" if level is Level.VERY_LOW else "above"
        value = f"{number(glucose)} ({side} {glucose.value:g} {unit})"
    return " ".join(filter(None, [value, arrow(rate), level.text]))


def note(entry: Entry) -> str:
    """What was eaten, taken, done or noted."""
    match entry.WhichOneof("content"):
        case "meal":
            return f"{entry.meal.carbohydrate_g:g} g {entry.meal.description or 'meal'}"
        case "insulin_dose":
            dose = entry.insulin_dose
            return f"{dose.amount_units.value} U {InsulinKind.Name(dose.kind).removeprefix('INSULIN_KIND_').lower()}"
        case "medicine_dose":
            medicine = entry.medicine_dose
            unit = DoseUnit.Name(medicine.unit).removeprefix("DOSE_UNIT_").lower()
            return f"{medicine.amount.value} {unit} {medicine.name}"
        case "exercise":
            kind = ExerciseKind.Name(entry.exercise.kind).removeprefix("EXERCISE_KIND_").lower()
            return f"{entry.exercise.duration_minutes} min {kind.replace('_', ' ')}"
        case "ketone":
            return f"ketone {entry.ketone.value_mmol_per_l:g} mmol/L"
        case "weight":
            return f"{entry.weight.value_kg:g} kg"
        case "blood_pressure":
            return f"{entry.blood_pressure.systolic_mmhg}/{entry.blood_pressure.diastolic_mmhg} mmHg"
        case _:
            return " ".join(entry.note.text.split())
