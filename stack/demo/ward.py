"""The ward: what a clinician's watch has told, and who needs a look first. No terminal, no network."""

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from apricot.identity.v1.care_pb2 import Patient

from stack.demo.levels import Level, level_of
from stack.demo.trend import glucose_of, rate_of

KEPT = 120
"""Readings and other entries of a patient, the newest: more than the widest chart shows."""


@dataclass(frozen=True)
class Row:
    """One patient as the ward shows them."""

    patient: Patient
    readings: tuple[Entry, ...]
    """In order of time."""
    latest_note: Entry | None
    """The last meal, dose or whatever else is no reading."""
    level: Level | None
    """None without a reading."""
    rate: float | None
    """mg/dL a minute; None where nobody can tell."""

    @property
    def reading(self) -> Entry | None:
        """The newest."""
        return self.readings[-1] if self.readings else None


class Ward:
    """The patients, and of each the newest entries."""

    def __init__(self, patients: Iterable[Patient] = ()) -> None:
        self._charts: dict[str, _Chart] = {}
        self.admit(patients)

    def admit(self, patients: Iterable[Patient]) -> None:
        """These patients from now on; who stays keeps their chart."""
        self._charts = {
            patient.patient_id: _Chart(patient, self._charts.get(patient.patient_id)) for patient in patients
        }

    def apply(self, update: WatchPatientsResponse) -> Row | None:
        """Take in one message of the watch; the row of the patient it was about."""
        event = update.WhichOneof("event")
        content = getattr(update, event) if event else None
        chart = self._charts.get(getattr(content, "patient_id", ""))
        if chart is None:
            return None
        match event:
            case "snapshot":
                # All there is to know: what it does not hold was deleted meanwhile, or is old.
                chart.clear()
                chart.put([*update.snapshot.entries])
                if update.snapshot.HasField("latest_reading"):
                    chart.put([update.snapshot.latest_reading])
            case "entries_logged":
                chart.put(update.entries_logged.entries)
            case "entry_amended":
                chart.put([update.entry_amended.entry])
            case "entry_deleted":
                chart.remove(update.entry_deleted.previous.entry_id)
        return chart.row()

    def rows(self) -> list[Row]:
        """By need: low before high, the worse before the milder, in range, without a reading; then by name."""
        rows = [chart.row() for chart in self._charts.values()]
        return sorted(rows, key=lambda row: (row.level.need if row.level else len(Level), row.patient.display_name))


class _Chart:
    """One patient's newest entries, each once."""

    def __init__(self, patient: Patient, earlier: "_Chart | None" = None) -> None:
        self._patient = patient
        self._readings = earlier._readings if earlier else []
        self._notes = earlier._notes if earlier else []

    def clear(self) -> None:
        self._readings, self._notes = [], []

    def put(self, entries: Iterable[Entry]) -> None:
        """Add entries; one that is known by its id is replaced, for it may have been amended."""
        for entry in entries:
            self.remove(entry.entry_id)
            kept = self._readings if is_reading(entry) else self._notes
            insort(kept, entry, key=instant)
        del self._readings[:-KEPT], self._notes[:-KEPT]

    def remove(self, entry_id: str) -> None:
        for kept in self._readings, self._notes:
            kept[:] = [entry for entry in kept if entry.entry_id != entry_id]

    def row(self) -> Row:
        readings = tuple(self._readings)
        return Row(
            patient=self._patient,
            readings=readings,
            latest_note=self._notes[-1] if self._notes else None,
            level=level_of(glucose_of(readings[-1])) if readings else None,
            rate=rate_of(readings) if readings else None,
        )


def is_reading(entry: Entry) -> bool:
    """Whether it is a glucose value."""
    return entry.WhichOneof("content") in ("sensor_reading", "fingerstick_reading")


def instant(entry: Entry) -> datetime:
    """Its time, UTC."""
    return entry.time.ToDatetime(UTC)
