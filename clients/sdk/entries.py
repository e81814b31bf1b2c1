"""Making diary entries."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal as Number
from typing import Self
from uuid import UUID, uuid4, uuid5

from apricot.glucose.v1.entry_pb2 import (
    EXERCISE_INTENSITY_UNSPECIFIED,
    GLUCOSE_BOUND_UNSPECIFIED,
    GLUCOSE_UNIT_MG_PER_DL,
    MEAL_CONTEXT_UNSPECIFIED,
    BloodPressure,
    Decimal,
    DoseUnit,
    Entry,
    Exercise,
    ExerciseIntensity,
    ExerciseKind,
    FingerstickReading,
    Glucose,
    GlucoseBound,
    GlucoseUnit,
    InsulinDose,
    InsulinKind,
    Ketone,
    Meal,
    MealContext,
    MedicineDose,
    Note,
    SensorReading,
    Weight,
)

from clients.sdk.times import timestamp

# Of Apricot's entry ids; every uploader in every language has to use the same.
_NAMESPACE = UUID("6f0d9a52-3c1b-5e0e-9a6b-7a1d2f4c8e31")

type _MakeId = Callable[[datetime, str], str]


@dataclass(frozen=True)
class Recorder:
    """Makes the entries of one source. Instants are aware; `time_zone` is the patient's IANA zone there and then."""

    device: str
    time_zone: str
    make_id: _MakeId

    @classmethod
    def by_hand(cls, device: str, time_zone: str) -> Self:
        """What a person logs: every entry is a new one."""
        return cls(device, time_zone, lambda _time, _kind: str(uuid4()))

    @classmethod
    def of_device(cls, patient_id: str, device: str, time_zone: str) -> Self:
        """What a device holds: read out again, it gives the same ids, so that uploading it again makes no doubles."""

        def make_id(time: datetime, kind: str) -> str:
            instant = time.astimezone(UTC).isoformat(timespec="microseconds")
            return str(uuid5(_NAMESPACE, "\n".join([patient_id.lower(), device, instant, kind])))

        return cls(device, time_zone, make_id)

    def sensor_reading(
        self,
        time: datetime,
        value: float,
        unit: GlucoseUnit.ValueType = GLUCOSE_UNIT_MG_PER_DL,
        bound: GlucoseBound.ValueType = GLUCOSE_BOUND_UNSPECIFIED,
    ) -> Entry:
        """A value of a continuous sensor. With a `bound` (LOW, HIGH), `value` is the device's limit."""
        return self._identified(
            time, Entry(sensor_reading=SensorReading(glucose=Glucose(value=value, unit=unit, bound=bound)))
        )

    def fingerstick_reading(
        self,
        time: datetime,
        value: float,
        unit: GlucoseUnit.ValueType = GLUCOSE_UNIT_MG_PER_DL,
        bound: GlucoseBound.ValueType = GLUCOSE_BOUND_UNSPECIFIED,
        meal_context: MealContext.ValueType = MEAL_CONTEXT_UNSPECIFIED,
    ) -> Entry:
        """A blood meter's value."""
        glucose = Glucose(value=value, unit=unit, bound=bound)
        return self._identified(
            time, Entry(fingerstick_reading=FingerstickReading(glucose=glucose, meal_context=meal_context))
        )

    def meal(self, time: datetime, carbohydrate_g: float, *, energy_kcal: float = 0, description: str = "") -> Entry:
        """Something eaten: carbohydrate in g, energy in kcal (0: not known)."""
        return self._identified(
            time, Entry(meal=Meal(carbohydrate_g=carbohydrate_g, energy_kcal=energy_kcal, description=description))
        )

    def exercise(
        self,
        time: datetime,
        kind: ExerciseKind.ValueType,
        duration_minutes: int,
        intensity: ExerciseIntensity.ValueType = EXERCISE_INTENSITY_UNSPECIFIED,
        *,
        description: str = "",
    ) -> Entry:
        """Exercise that began at `time`."""
        return self._identified(
            time,
            Entry(
                exercise=Exercise(
                    kind=kind, duration_minutes=duration_minutes, intensity=intensity, description=description
                )
            ),
        )

    def insulin_dose(
        self, time: datetime, kind: InsulinKind.ValueType, units: Number | str, *, name: str = ""
    ) -> Entry:
        """An insulin dose in international units, such as "4.5"; never a float."""
        return self._identified(
            time, Entry(insulin_dose=InsulinDose(kind=kind, amount_units=_decimal(units), name=name))
        )

    def medicine_dose(
        self, time: datetime, name: str, amount: Number | str, unit: DoseUnit.ValueType, *, atc_code: str = ""
    ) -> Entry:
        """A dose of another medicine, by its generic name."""
        return self._identified(
            time, Entry(medicine_dose=MedicineDose(name=name, amount=_decimal(amount), unit=unit, atc_code=atc_code))
        )

    def ketone(self, time: datetime, value_mmol_per_l: float) -> Entry:
        """Beta-hydroxybutyrate in blood, mmol/L."""
        return self._identified(time, Entry(ketone=Ketone(value_mmol_per_l=value_mmol_per_l)))

    def weight(self, time: datetime, value_kg: float) -> Entry:
        """Body weight, kg."""
        return self._identified(time, Entry(weight=Weight(value_kg=value_kg)))

    def blood_pressure(self, time: datetime, systolic_mmhg: int, diastolic_mmhg: int, pulse_bpm: int = 0) -> Entry:
        """Blood pressure in mmHg, pulse in beats a minute (0: not measured)."""
        return self._identified(
            time,
            Entry(
                blood_pressure=BloodPressure(
                    systolic_mmhg=systolic_mmhg, diastolic_mmhg=diastolic_mmhg, pulse_bpm=pulse_bpm
                )
            ),
        )

    def note(self, time: datetime, text: str) -> Entry:
        """Free words."""
        return self._identified(time, Entry(note=Note(text=text)))

    def _identified(self, time: datetime, entry: Entry) -> Entry:
        entry.time.CopyFrom(timestamp(time))
        entry.time_zone, entry.device = self.time_zone, self.device
        entry.entry_id = self.make_id(time, _natural_kind(entry))
        return entry


def _natural_kind(entry: Entry) -> str:
    """The kind, with what else of the content tells two entries of one device at one instant apart."""
    match entry.WhichOneof("content"):
        case "insulin_dose":
            return f"insulin_dose/{InsulinKind.Name(entry.insulin_dose.kind)}"
        case "medicine_dose":
            return f"medicine_dose/{entry.medicine_dose.name}"
        case kind:
            return str(kind)


def _decimal(amount: Number | str) -> Decimal:
    return Decimal(value=f"{Number(amount):f}")
