"""What a watch may tell, made for tests; and what a board shows, to compare."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_GLUCOSE_READ, SCOPE_REPORT_READ
from apricot.glucose.v1.alert_pb2 import Alert, AlertRecipient, AlertRule, AlertUrgency, RecipientKind
from apricot.glucose.v1.entry_pb2 import GLUCOSE_UNIT_MG_PER_DL, Entry, FingerstickReading, Glucose, Meal, SensorReading
from apricot.glucose.v1.events_pb2 import AlertChanged, EntriesLogged, EntryAmended, EntryDeleted
from apricot.glucose.v1.watch_pb2 import PatientSnapshot, WatchPatientsResponse
from apricot.identity.v1.care_pb2 import Patient

from clients.clinician.models.ward.board import Board
from clients.clinician.models.ward.row import Row

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ME = str(UUID(int=999))


def ns(instant: datetime) -> int:
    return int(instant.timestamp() * 1000) * 1_000_000


def patient(number: int, name: str = "") -> Patient:
    scopes = SCOPE_GLUCOSE_READ, SCOPE_ALERT_READ, SCOPE_REPORT_READ
    return Patient(patient_id=str(UUID(int=number)), display_name=name or f"Patient {number:03}", scopes=scopes)


def reading(
    number: int,
    minutes_ago: float,
    mg_per_dl: float,
    *,
    device: str = "sensor",
    now: datetime = NOW,
    finger: bool = False,
) -> Entry:
    glucose = Glucose(value=mg_per_dl, unit=GLUCOSE_UNIT_MG_PER_DL)
    entry = Entry(entry_id=str(UUID(int=number)), device=device, time_zone="Asia/Shanghai")
    if finger:
        entry.fingerstick_reading.CopyFrom(FingerstickReading(glucose=glucose))
    else:
        entry.sensor_reading.CopyFrom(SensorReading(glucose=glucose))
    entry.time.FromDatetime(now - timedelta(minutes=minutes_ago))
    return entry


def meal(number: int, minutes_ago: float) -> Entry:
    entry = Entry(entry_id=str(UUID(int=number)), device="phone", meal=Meal(carbohydrate_g=30))
    entry.time.FromDatetime(NOW - timedelta(minutes=minutes_ago))
    return entry


def alert(
    number: int, rule: AlertRule.ValueType, *, urgent: bool = False, held_by: str = "", of: Patient, revision: int = 1
) -> Alert:
    made = Alert(
        alert_id=str(UUID(int=number)),
        patient_id=of.patient_id,
        rule=rule,
        urgency=AlertUrgency.ALERT_URGENCY_URGENT if urgent else AlertUrgency.ALERT_URGENCY_WARNING,
        revision=revision,
    )
    made.raise_time.FromDatetime(NOW)
    if held_by:
        kind = RecipientKind.RECIPIENT_KIND_CLINICIAN if held_by == ME else RecipientKind.RECIPIENT_KIND_PATIENT
        having = AlertRecipient(account_id=held_by, kind=kind)
        having.acknowledge_time.FromDatetime(NOW)
        made.recipients.append(having)
    return made


def snapshot(
    of: Patient, *entries: Entry, latest: Entry | None = None, alerts: tuple[Alert, ...] = ()
) -> WatchPatientsResponse:
    told = PatientSnapshot(patient_id=of.patient_id, entries=entries, latest_reading=latest, active_alerts=alerts)
    return WatchPatientsResponse(snapshot=told)


def logged(of: Patient, *entries: Entry) -> WatchPatientsResponse:
    return WatchPatientsResponse(entries_logged=EntriesLogged(patient_id=of.patient_id, entries=entries))


def amended(of: Patient, entry: Entry, previous: Entry) -> WatchPatientsResponse:
    return WatchPatientsResponse(entry_amended=EntryAmended(patient_id=of.patient_id, entry=entry, previous=previous))


def deleted(of: Patient, previous: Entry) -> WatchPatientsResponse:
    return WatchPatientsResponse(entry_deleted=EntryDeleted(patient_id=of.patient_id, previous=previous, revision=2))


def alerted(of: Patient, what: Alert) -> WatchPatientsResponse:
    return WatchPatientsResponse(alert_changed=AlertChanged(patient_id=of.patient_id, alert=what))


def board_of(*patients: Patient) -> Board:
    board = Board()
    board.admit(patients, ns(NOW))
    return board


def told(board: Board, *updates: WatchPatientsResponse, now: datetime = NOW) -> None:
    """Take all of it in, and settle what changed."""
    for update in updates:
        if (row := board.apply(update, ns(now))) is not None:
            board.settle(row, ns(now))


def picture(board: Board, row: Row) -> tuple[object, ...]:
    """All that is seen of a row, and who has each of its alerts."""
    newest = row.newest
    alerts = sorted(
        (one.alert_id, one.urgency, one.revision, [(each.account_id, each.state) for each in one.recipients])
        for one in row.alerts.values()
    )
    return (
        row.name, row.is_known, newest and (newest.entry_id, newest.time_ns, newest.value, newest.unit, newest.bound),
        row.level, row.is_old, row.rate, row.change, row.need, row.alert and row.alert.alert_id, row.band,
        sorted(each.value for each in row.filters), board.trace(row), alerts,
    )  # fmt: skip
