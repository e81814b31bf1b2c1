"""What is known of a consultation's patient, beside the talk: the health record and, where it is shared, glucose."""

from datetime import UTC, datetime, timedelta

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ
from apricot.consult.v1.consultation_pb2 import Consultation
from apricot.glucose.v1.entry_pb2 import ENTRY_KIND_FINGERSTICK_READING, ENTRY_KIND_SENSOR_READING, Entry
from apricot.glucose.v1.plan_pb2 import GetActivePlanRequest, Plan
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.health_record import KnownRecord
from clients.sdk import ApricotError, Reason

SHOWN = timedelta(hours=6)
_READINGS = ENTRY_KIND_SENSOR_READING, ENTRY_KIND_FINGERSTICK_READING
_CLOSED = Reason.REASON_PATIENT_ACCESS_DENIED, Reason.REASON_GRANT_ENDED


class PatientFacts(QObject):
    """Nothing is known before `changed`. What the patient has not opened is not asked for again."""

    changed = Signal()

    def __init__(self, desk: Desk, consultation: Consultation) -> None:
        super().__init__()
        self.consultation = consultation
        self.health = KnownRecord(desk, consultation.consultation_id)
        self.plan: Plan | None = None
        """The one in force; None: none, or not known."""
        self.readings: tuple[Entry, ...] | None = None
        """Of the last hours, the oldest first; None: not shared, or not known."""
        self.readings_time: datetime | None = None
        """When they were read."""
        self._desk = desk
        self._loading = False
        self.health.changed.connect(self.changed)

    @property
    def shares_glucose(self) -> bool:
        return SCOPE_GLUCOSE_READ in self.consultation.shared_scopes

    def open(self) -> None:
        """Read what is known, and follow what comes."""
        self.health.load()
        if self.shares_glucose:
            self._desk.feed.updated.connect(self._hear)
            self._refresh_readings()
        self._desk.tasks.spawn(self._load_plan())

    def _hear(self, update: WatchPatientsResponse) -> None:
        match update.WhichOneof("event"):
            case "snapshot":
                patient_id = update.snapshot.patient_id
            case "entries_logged":
                patient_id = update.entries_logged.patient_id
            case _:
                return
        if patient_id == self.consultation.patient_id:
            self._refresh_readings()

    def _refresh_readings(self) -> None:
        if not self._loading:
            self._loading = True
            self._desk.tasks.spawn(self._load_readings())

    async def _load_plan(self) -> None:
        try:
            request = GetActivePlanRequest(patient_id=self.consultation.patient_id)
            answer = await self._desk.session.plans.GetActivePlan(request)
        except ApricotError as error:
            if error.reason not in (*_CLOSED, Reason.REASON_NOT_FOUND):
                raise
            return
        self.plan = answer.active if answer.HasField("active") else None
        self.changed.emit()

    async def _load_readings(self) -> None:
        now = self._desk.now()
        try:
            entries = self._desk.session.entries(
                self.consultation.patient_id, now - SHOWN, now, _READINGS, oldest_first=True
            )
            self.readings = tuple([entry async for entry in entries])
            self.readings_time = now.astimezone(UTC)
        except ApricotError as error:
            if error.reason not in _CLOSED:
                raise
            self.readings = None
        finally:
            self._loading = False
        self.changed.emit()
