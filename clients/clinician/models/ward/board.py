"""What the watch has told of her patients: the platform's truth, as far as the board shows it. No Qt, no network."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ
from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.watch_pb2 import PatientSnapshot, WatchPatientsResponse
from apricot.identity.v1.care_pb2 import Patient

from clients.clinician.models.identity import identity_of
from clients.clinician.models.ward.chart import Reading
from clients.clinician.models.ward.needs import band_of, filters_of, need_of
from clients.clinician.models.ward.row import Band, Filter, Need, Row
from clients.readings.alerts import need
from clients.readings.levels import Level
from clients.readings.trend import LONGEST_STEP_MINUTES, MeasuredMinutes, rate, true_minutes

OLD_MINUTES = 15
"""After so long a reading says nothing of now: a sensor reads every five minutes, and two may be missed."""
_OLD_NS = OLD_MINUTES * 60 * 10**9
_TRACE_MINUTES = 180.0


class Board:
    """Take in messages with `apply`, then have the rows they were about made anew with `settle`."""

    def __init__(self, measured_minutes: MeasuredMinutes = true_minutes) -> None:
        self.rows: dict[str, Row] = {}
        """By the patient's id."""
        self.unsure: set[str] = set()
        """Patients whose newest reading left while older ones may be on the platform: somebody has to ask there."""
        self.counts: Counter[Filter | Band] = Counter()
        """How many patients each filter lets through, and stand in each band."""
        self._measured_minutes = measured_minutes

    def admit(self, patients: Iterable[Patient], now_ns: int) -> None:
        """These patients from now on; of who stays, what is known stays until the snapshot comes."""
        admitted = {}
        for patient in patients:
            row = self.rows.get(patient.patient_id) or Row(patient.patient_id)
            row.identity = identity_of(patient, patient.patient_id)
            row.shows_glucose = SCOPE_GLUCOSE_READ in patient.scopes
            row.shows_reports = SCOPE_REPORT_READ in patient.scopes
            admitted[patient.patient_id] = row
        for patient_id in self.rows.keys() - admitted.keys():
            self._count(self.rows[patient_id], -1)
        self.rows = admitted
        self.unsure &= admitted.keys()
        for row in admitted.values():
            self.settle(row, now_ns)

    def apply(self, update: WatchPatientsResponse, now_ns: int) -> Row | None:
        """Take in one message; the row of the patient it was about, if it changes what the board may show."""
        event = update.WhichOneof("event")
        content = getattr(update, event) if event else None
        row = self.rows.get(getattr(content, "patient_id", ""))
        if row is None:
            return None
        match event:
            case "snapshot":
                self._replace(row, update.snapshot, now_ns)
            case "entries_logged":
                row.chart.put(update.entries_logged.entries, now_ns)
            case "entry_amended":
                was_newest = _is_newest(row, update.entry_amended.entry.entry_id)
                row.chart.put([update.entry_amended.entry], now_ns)
                self._doubt(row, was_newest, now_ns)
            case "entry_deleted":
                was_newest = _is_newest(row, update.entry_deleted.previous.entry_id)
                row.chart.remove(update.entry_deleted.previous.entry_id)
                self._doubt(row, was_newest, now_ns)
            case "alert_changed":
                _keep(row, update.alert_changed.alert)
            case _:
                return None
        row.version += 1
        return row

    def learn(self, patient_id: str, latest: Entry | None, version: int, now_ns: int) -> Row | None:
        """The answer of the platform, asked at that version, which is a patient's newest reading. None: no answer any
        more, for something has happened since; ask again."""
        row = self.rows.get(patient_id)
        if row is None or row.version != version or patient_id not in self.unsure:
            return None
        row.chart.put([latest] if latest is not None else [], now_ns)
        row.is_told = True
        self.unsure.discard(patient_id)
        return row

    def settle(self, row: Row, now_ns: int) -> None:
        """Make anew what is made of what is known."""
        self._count(row, -1)
        row.chart.forget(now_ns)
        row.is_known = row.is_told
        newest = row.newest = row.chart.readings[-1] if row.is_told and row.chart.readings else None
        row.level = newest.level if newest else None
        row.is_old = newest is not None and now_ns - newest.time_ns > _OLD_NS
        row.rate = rate(row.chart.readings, self._measured_minutes) if newest else None
        row.change = self._change(row)
        row.alert = min(row.alerts.values(), key=lambda alert: (*need(alert), _age(alert)), default=None)
        row.trace = None
        row.need = need_of(row)
        row.band = band_of(row)
        row.filters = filters_of(row)
        row.key = (10 * row.need + _lowness(row), row.name.casefold(), row.patient_id)
        self._count(row, 1)

    def grown_old(self, now_ns: int) -> list[Row]:
        """Rows whose newest reading has become too old since they were settled."""
        edge = now_ns - _OLD_NS
        return [
            row for row in self.rows.values() if not row.is_old and row.newest is not None and row.newest.time_ns < edge
        ]

    def trace(self, row: Row) -> list[tuple[float, float, bool]]:
        """Its readings to draw, the newest first: minutes before the newest one as its devices count them."""
        if row.trace is None:
            row.trace, minutes = [], 0.0
            later: Reading | None = None
            for reading in reversed(row.chart.readings):
                if later is not None:
                    minutes += self._minutes(reading, later)
                if minutes > _TRACE_MINUTES:
                    break
                row.trace.append((minutes, reading.mg_per_dl, reading.from_sensor))
                later = reading
        return row.trace

    def _count(self, row: Row, by: int) -> None:
        """A row that was never settled has no filters, and does not count yet."""
        for one in row.filters:
            self.counts[one] += by
        if row.filters:
            self.counts[row.band] += by

    def _replace(self, row: Row, snapshot: PatientSnapshot, now_ns: int) -> None:
        entries = [*snapshot.entries]
        if snapshot.HasField("latest_reading"):
            entries.append(snapshot.latest_reading)
        row.chart.replace(entries, now_ns)
        row.alerts = {alert.alert_id: _copy(alert) for alert in snapshot.active_alerts}
        row.is_told = True
        self.unsure.discard(row.patient_id)

    def _doubt(self, row: Row, was_newest: bool, now_ns: int) -> None:
        if was_newest and not row.chart.is_known_to_be_newest(now_ns):
            row.is_told = False
            self.unsure.add(row.patient_id)

    def _change(self, row: Row) -> float | None:
        newest = row.newest
        if newest is None or not newest.from_sensor or newest.bounded:
            return None
        for reading in reversed(row.chart.readings[:-1]):
            if reading.device == newest.device and reading.from_sensor:
                near = self._minutes(reading, newest) <= LONGEST_STEP_MINUTES
                return newest.mg_per_dl - reading.mg_per_dl if near and not reading.bounded else None
        return None

    def _minutes(self, earlier: Reading, later: Reading) -> float:
        passed = timedelta(microseconds=(later.time_ns - earlier.time_ns) / 1000)
        return self._measured_minutes(passed, later.device)


def _is_newest(row: Row, entry_id: str) -> bool:
    return bool(row.chart.readings) and row.chart.readings[-1].entry_id == entry_id


def _keep(row: Row, alert: Alert) -> None:
    known = row.alerts.get(alert.alert_id)
    if known is not None and known.revision > alert.revision:
        return
    if alert.HasField("resolve_time"):
        row.alerts.pop(alert.alert_id, None)
    else:
        row.alerts[alert.alert_id] = _copy(alert)


def _copy(alert: Alert) -> Alert:
    """Its own: a part of a message keeps the whole message in memory."""
    own = Alert()
    own.CopyFrom(alert)
    return own


def _lowness(row: Row) -> int:
    """Among the urgent ones, those who are low or high now come before those who are back, or silent."""
    if row.need > Need.URGENT:
        return 0
    return len(Level) if row.level is None or row.is_old else row.level.need


def _age(alert: Alert) -> int:
    return alert.raise_time.ToNanoseconds()
