"""The ward: what a clinician's watch has told, and who needs a look first. No terminal, no network."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from apricot.identity.v1.care_pb2 import Patient

from clients.readings.alerts import need
from clients.readings.levels import Level, level_of
from clients.readings.trend import glucose_of, rate_of
from stack.demo.alarms import Alarms
from stack.demo.lapse import measured_minutes

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
    alert: Alert | None = None
    """The most pressing of the active ones."""

    @property
    def name(self) -> str:
        """Of the patient."""
        return self.patient.display_name or f"patient {self.patient.patient_id[:8]}"

    @property
    def reading(self) -> Entry | None:
        """The newest."""
        return self.readings[-1] if self.readings else None


class Ward:
    """The patients, and of each the newest entries."""

    def __init__(self, patients: Iterable[Patient] = ()) -> None:
        self._charts: dict[str, _Chart] = {}
        self.alarms = Alarms()
        self.admit(patients)

    def admit(self, patients: Iterable[Patient]) -> None:
        """These patients from now on; who stays keeps their chart."""
        self._charts = {
            patient.patient_id: _Chart(patient, self.alarms, self._charts.get(patient.patient_id))
            for patient in patients
        }

    def apply(self, update: WatchPatientsResponse) -> Row | None:
        """Take in one message of the watch; the row of the patient it was about."""
        event = update.WhichOneof("event")
        if event == "alerts_interrupted":
            self.alarms.interrupted(update.alerts_interrupted)
        content = getattr(update, event) if event else None
        chart = self._charts.get(getattr(content, "patient_id", ""))
        if chart is None:
            return None
        match event:
            case "snapshot":
                # All there is to know: what it does not hold was deleted meanwhile, or is old.
                chart.clear()
                self.alarms.snapshot(update.snapshot.patient_id, update.snapshot.active_alerts)
                chart.put([*update.snapshot.entries])
                if update.snapshot.HasField("latest_reading"):
                    chart.put([update.snapshot.latest_reading])
            case "entries_logged":
                chart.put(update.entries_logged.entries)
            case "entry_amended":
                chart.put([update.entry_amended.entry])
            case "entry_deleted":
                chart.remove(update.entry_deleted.previous.entry_id)
            case "alert_changed":
                self.alarms.changed(update.alert_changed.alert)
        return chart.row()

    def rows(self) -> list[Row]:
        """By need: an urgent alert that nobody has; low before high, the worse before the milder, in range, without a
        reading; then by name."""
        return sorted((chart.row() for chart in self._charts.values()), key=_place)


def _place(row: Row) -> tuple[bool, int, str]:
    pressing = row.alert is not None and need(row.alert)[:2] == (False, False)
    return not pressing, row.level.need if row.level else len(Level), row.name


class _Chart:
    """One patient's newest entries, each once."""

    def __init__(self, patient: Patient, alarms: Alarms, earlier: "_Chart | None" = None) -> None:
        self._patient = patient
        self._alarms = alarms
        self._known: dict[str, Entry] = earlier._known if earlier else {}

    def clear(self) -> None:
        self._known = {}

    def put(self, entries: Iterable[Entry]) -> None:
        """Add entries; one that is known by its id is replaced, for it may have been amended."""
        known = self._known | {entry.entry_id: entry for entry in entries}
        kept = [*_newest(known, readings=True), *_newest(known, readings=False)]
        self._known = {entry.entry_id: entry for entry in kept}

    def remove(self, entry_id: str) -> None:
        self._known.pop(entry_id, None)

    def row(self) -> Row:
        readings = _newest(self._known, readings=True)
        notes = _newest(self._known, readings=False)
        return Row(
            patient=self._patient,
            readings=tuple(readings),
            latest_note=notes[-1] if notes else None,
            level=level_of(glucose_of(readings[-1])) if readings else None,
            rate=rate_of(readings, measured_minutes) if readings else None,
            alert=next(iter(self._alarms.of(self._patient.patient_id)), None),
        )


def _newest(known: Mapping[str, Entry], *, readings: bool) -> list[Entry]:
    return sorted((entry for entry in known.values() if is_reading(entry) == readings), key=instant)[-KEPT:]


def is_reading(entry: Entry) -> bool:
    """Whether it is a glucose value."""
    return entry.WhichOneof("content") in ("sensor_reading", "fingerstick_reading")


def instant(entry: Entry) -> datetime:
    """Its time, UTC."""
    return entry.time.ToDatetime(UTC)
