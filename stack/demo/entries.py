"""The dataset's lines as entries of the contract."""

from datetime import datetime

from apricot.glucose.v1.entry_pb2 import (
    GLUCOSE_BOUND_HIGH,
    GLUCOSE_BOUND_LOW,
    GLUCOSE_BOUND_UNSPECIFIED,
    GLUCOSE_UNIT_MG_PER_DL,
    GLUCOSE_UNIT_MMOL_PER_L,
    INSULIN_KIND_RAPID,
    Entry,
)

from clients.sdk import Recorder
from stack.demo.dataset import Bound, DemoEntry, Kind
from stack.demo.lapse import PHONE

_UNITS = {"mg/dL": GLUCOSE_UNIT_MG_PER_DL, "mmol/L": GLUCOSE_UNIT_MMOL_PER_L}
_BOUNDS = {
    Bound.NONE: GLUCOSE_BOUND_UNSPECIFIED,
    Bound.LOW: GLUCOSE_BOUND_LOW,
    Bound.HIGH: GLUCOSE_BOUND_HIGH,
}
_BASAL = "basal day total"


class DiaryMaker:
    """Makes one patient's entries; the same line at the same instant is always the same entry."""

    def __init__(self, patient_id: str, zone: str, sensor: str) -> None:
        self._sensor = Recorder.of_device(patient_id, sensor, zone)
        self._phone = Recorder.of_device(patient_id, PHONE, zone)

    def entry(self, at: datetime, line: DemoEntry) -> Entry:
        """The line as logged at an instant."""
        match line.kind:
            case Kind.SENSOR:
                return self._sensor.sensor_reading(at, float(line.value), _UNITS[line.unit], _BOUNDS[line.bound])
            case Kind.MEAL:
                return self._phone.meal(at, float(line.value), description=line.detail)
            case Kind.INSULIN if line.detail == _BASAL:
                # A pump's sum of what it infused all day: nothing was injected now, so it is no dose.
                return self._phone.note(at, f"24 h basal {line.value} U")
            case Kind.INSULIN:
                return self._phone.insulin_dose(at, INSULIN_KIND_RAPID, line.value)
