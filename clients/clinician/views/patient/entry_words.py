"""Words for what a diary holds."""

from datetime import datetime

from apricot.glucose.v1.entry_pb2 import (
    DOSE_UNIT_MG,
    DOSE_UNIT_ML,
    DOSE_UNIT_TABLET,
    DOSE_UNIT_UG,
    EXERCISE_KIND_CYCLING,
    EXERCISE_KIND_HOUSEWORK,
    EXERCISE_KIND_MIND_BODY,
    EXERCISE_KIND_OTHER,
    EXERCISE_KIND_RUNNING,
    EXERCISE_KIND_STRENGTH,
    EXERCISE_KIND_SWIMMING,
    EXERCISE_KIND_WALKING,
    INSULIN_KIND_INTERMEDIATE,
    INSULIN_KIND_LONG,
    INSULIN_KIND_PREMIXED,
    INSULIN_KIND_RAPID,
    INSULIN_KIND_SHORT,
    DoseUnit,
    Entry,
    ExerciseKind,
    InsulinKind,
)
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLocale

_EXERCISE = {
    EXERCISE_KIND_WALKING: QT_TRANSLATE_NOOP("Words", "Walking"),
    EXERCISE_KIND_RUNNING: QT_TRANSLATE_NOOP("Words", "Running"),
    EXERCISE_KIND_CYCLING: QT_TRANSLATE_NOOP("Words", "Cycling"),
    EXERCISE_KIND_SWIMMING: QT_TRANSLATE_NOOP("Words", "Swimming"),
    EXERCISE_KIND_STRENGTH: QT_TRANSLATE_NOOP("Words", "Strength training"),
    EXERCISE_KIND_MIND_BODY: QT_TRANSLATE_NOOP("Words", "Tai chi, yoga"),
    EXERCISE_KIND_HOUSEWORK: QT_TRANSLATE_NOOP("Words", "Housework"),
    EXERCISE_KIND_OTHER: QT_TRANSLATE_NOOP("Words", "Exercise"),
}
_INSULIN = {
    INSULIN_KIND_RAPID: QT_TRANSLATE_NOOP("Words", "rapid-acting"),
    INSULIN_KIND_SHORT: QT_TRANSLATE_NOOP("Words", "short-acting"),
    INSULIN_KIND_INTERMEDIATE: QT_TRANSLATE_NOOP("Words", "intermediate-acting"),
    INSULIN_KIND_LONG: QT_TRANSLATE_NOOP("Words", "long-acting"),
    INSULIN_KIND_PREMIXED: QT_TRANSLATE_NOOP("Words", "premixed"),
}
_DOSE_UNITS = {
    DOSE_UNIT_MG: QT_TRANSLATE_NOOP("Words", "mg"),
    DOSE_UNIT_UG: QT_TRANSLATE_NOOP("Words", "µg"),
    DOSE_UNIT_TABLET: QT_TRANSLATE_NOOP("Words", "tablets"),
    DOSE_UNIT_ML: QT_TRANSLATE_NOOP("Words", "ml"),
}
BASAL = INSULIN_KIND_INTERMEDIATE, INSULIN_KIND_LONG


def exercise(kind: ExerciseKind.ValueType) -> str:
    """What was done."""
    return _word(_EXERCISE.get(kind, _EXERCISE[EXERCISE_KIND_OTHER]))


def insulin(kind: InsulinKind.ValueType) -> str:
    """How it acts."""
    return _word(_INSULIN.get(kind, ""))


def dose_unit(unit: DoseUnit.ValueType) -> str:
    """Of a medicine's amount."""
    return _word(_DOSE_UNITS.get(unit, ""))


def locale() -> QLocale:
    """Of the language that the words are in."""
    return QLocale(QCoreApplication.translate("Words", "en_GB", "the locale of this language: en_GB or zh_CN"))


def day(local: datetime) -> str:
    """Such as "Tue 24 Nov"."""
    form = QCoreApplication.translate("Words", "ddd d MMM", "a date, by Qt's letters")
    return str(locale().toString(local.date(), form))  # type: ignore[call-overload]


def short(entry: Entry) -> str:
    """As little as tells the amount: "45 g", "6 U", "500 mg", "30 min"."""
    match entry.WhichOneof("content"):
        case "meal":
            return QCoreApplication.translate("Words", "{amount} g").format(amount=f"{entry.meal.carbohydrate_g:g}")
        case "insulin_dose":
            return QCoreApplication.translate("Words", "{amount} U").format(
                amount=_plain(entry.insulin_dose.amount_units.value)
            )
        case "medicine_dose":
            return f"{_plain(entry.medicine_dose.amount.value)} {dose_unit(entry.medicine_dose.unit)}"
        case "exercise":
            minutes = entry.exercise.duration_minutes
            return QCoreApplication.translate("Words", "{count} min").format(count=minutes)
        case "ketone":
            return f"{entry.ketone.value_mmol_per_l:.1f} mmol/L"
        case "weight":
            return f"{entry.weight.value_kg:.1f} kg"
        case "blood_pressure":
            return f"{entry.blood_pressure.systolic_mmhg}/{entry.blood_pressure.diastolic_mmhg}"
        case _:
            return entry.note.text.partition("\n")[0]


def whole(entry: Entry) -> str:
    """Everything that it says, in one line."""
    amount = short(entry)
    match entry.WhichOneof("content"):
        case "meal":
            name, more = QCoreApplication.translate("Words", "Meal"), entry.meal.description
        case "insulin_dose":
            name, more = QCoreApplication.translate("Words", "Insulin"), entry.insulin_dose.name
            amount = f"{amount}, {insulin(entry.insulin_dose.kind)}"
        case "medicine_dose":
            name, more = entry.medicine_dose.name, ""
        case "exercise":
            name, more = exercise(entry.exercise.kind), entry.exercise.description
        case "ketone":
            name, more = QCoreApplication.translate("Words", "Ketones"), ""
        case "weight":
            name, more = QCoreApplication.translate("Words", "Weight"), ""
        case "blood_pressure":
            name, more = QCoreApplication.translate("Words", "Blood pressure"), "mmHg"
        case _:
            name, amount, more = QCoreApplication.translate("Words", "Note"), " ".join(entry.note.text.split()), ""
    return " ".join(part for part in (name, amount, more) if part)


def _word(text: object) -> str:
    return QCoreApplication.translate("Words", str(text)) if text else ""


def _plain(decimal: str) -> str:
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal
