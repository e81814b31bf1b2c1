"""A patient's chart: everything on one axis of time, loaded from the newest back, and live."""

import asyncio
from datetime import UTC, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_DOSE_READ, SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, Scope
from apricot.glucose.v1.alert_pb2 import Alert, ListAlertsRequest
from apricot.glucose.v1.diary_pb2 import ListEntriesRequest
from apricot.glucose.v1.entry_pb2 import ENTRY_KIND_FINGERSTICK_READING, ENTRY_KIND_SENSOR_READING, Entry
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from apricot.identity.v1.care_pb2 import Patient
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.desk import Desk
from clients.clinician.models.frames import OncePerFrame
from clients.clinician.models.patient.days import zone_named
from clients.clinician.models.patient.readings import microseconds
from clients.clinician.models.patient.record import Record, time_of
from clients.clinician.models.patient.sharing import NOTHING, Sharing, sharing_of
from clients.sdk import ApricotError, Reason

MOST_READINGS = 130_000
"""90 days of a reading each minute."""
_PAGE = 1000
_ENTRIES_A_TURN = 250
"""Two milliseconds' work among 130,000; then others have their turn."""
_PAUSE_SECONDS = 2.0
_LOOK_SECONDS = 30
_LONGEST_ALERT = timedelta(days=1)
"""An alert that was raised so long before what is in sight may still reach into it."""
_DIARY = SCOPE_GLUCOSE_READ, SCOPE_MEAL_READ, SCOPE_DOSE_READ


class Loading(Enum):
    """How far the chart is."""

    LOADING = "loading"
    WAITING = "waiting"
    """The platform does not answer; it is tried again."""
    READY = "ready"
    FULL = "full"
    """There are more readings than are kept: what is older stays out."""
    CLOSED = "closed"
    """The patient opens nothing of the diary."""


class ChartModel(QObject):
    """`changed` at most once a frame, whatever changes."""

    changed = Signal()

    def __init__(self, desk: Desk, patient_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.patient_id = patient_id
        self.record = Record()
        self.alerts: dict[str, Alert] = {}
        """By id: those raised since a day before what is loaded, and all that are active."""
        self.loading = Loading.LOADING
        self.loaded_since: datetime | None = None
        """From here to now everything that the patient opens is here, or None."""
        self.sharing = NOTHING
        self._alerts_in_order: list[Alert] | None = None
        self._look_back_to = desk.now() - timedelta(days=1)
        self._alerts_since: datetime | None = None
        self._work: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._told = OncePerFrame(self.changed.emit)

    @property
    def patient(self) -> Patient:
        """As the patient list shows her."""
        return self.desk.feed.patients.get(self.patient_id, Patient(patient_id=self.patient_id))

    @property
    def zone(self) -> ZoneInfo:
        """The patient's own."""
        return zone_named(self.patient.time_zone)

    @property
    def alerts_in_order(self) -> list[Alert]:
        """As they were raised. The same list until any of them changes."""
        if self._alerts_in_order is None:
            self._alerts_in_order = sorted(self.alerts.values(), key=lambda one: one.raise_time.ToNanoseconds())
        return self._alerts_in_order

    @property
    def active_alerts(self) -> list[Alert]:
        """Oldest first."""
        return [alert for alert in self.alerts_in_order if not alert.HasField("resolve_time")]

    def opens(self, scope: Scope.ValueType) -> bool:
        """Whether the patient opens any of it."""
        return self.sharing.opens(scope)

    def open(self) -> None:
        """Load, and be live."""
        self.desk.feed.updated.connect(self._hear)
        self.desk.feed.patients_changed.connect(self._look)
        self._begin()
        self._looking = self.desk.tasks.spawn(self._look_now_and_then())

    def close(self) -> None:
        """It is shown no more."""
        self.desk.feed.updated.disconnect(self._hear)
        self.desk.feed.patients_changed.disconnect(self._look)
        for task in self._work, self._looking:
            if task is not None:
                task.cancel()

    def look_back_to(self, instant: datetime) -> None:
        """Somebody looks so far back: have it loaded."""
        if instant < self._look_back_to:
            self._look_back_to = instant
            if self.loading is Loading.READY:
                self._go_on()

    def _begin(self) -> None:
        """From the newest on; what is shown stays, and each part is replaced by what the platform has of it."""
        self.loaded_since = self._alerts_since = None
        self._go_on()

    def _go_on(self) -> None:
        if self._work is not None:
            self._work.cancel()
        self._enter(Loading.LOADING)
        self._work = self.desk.tasks.spawn(self._load())

    def _enter(self, loading: Loading) -> None:
        self.loading = loading
        self._told.ask()

    async def _load(self) -> None:
        while True:
            try:
                if not self.sharing.ranges:
                    self.sharing = await sharing_of(self.desk.session, self.patient_id)
                await self._load_all()
            except ApricotError as error:
                denied = error.reason == Reason.REASON_PATIENT_ACCESS_DENIED
                if denied:
                    self._look()  # less is open than was known: that begins anew with what is
                elif not error.temporary:
                    raise
                self._enter(Loading.WAITING)
                await asyncio.sleep(max(_PAUSE_SECONDS, error.retry_after_seconds))
                self._enter(Loading.LOADING)
            else:
                return

    async def _load_all(self) -> None:
        diary = any(self.opens(scope) for scope in _DIARY)
        if not len(self.record.readings) and self.opens(SCOPE_GLUCOSE_READ):
            await self._find_newest()
        # After a lost connection the newest part is asked for anew, though as many as are kept are there.
        while diary and (self.loaded_since is None or len(self.record.readings) < MOST_READINGS):
            since = self._look_back_to
            if self.loaded_since is not None and self.loaded_since <= since:
                break
            await self._load_back_to(since)
        if self.opens(SCOPE_ALERT_READ):
            await self._load_alerts()
        full = len(self.record.readings) >= MOST_READINGS
        self._enter(Loading.CLOSED if not diary else Loading.FULL if full else Loading.READY)

    async def _find_newest(self) -> None:
        """However old it is: what a chart without readings has to say."""
        kinds = ENTRY_KIND_SENSOR_READING, ENTRY_KIND_FINGERSTICK_READING
        request = ListEntriesRequest(patient_id=self.patient_id, kinds=kinds, page_size=1)
        self.record.put((await self.desk.session.diary.ListEntries(request)).entries)
        self._told.ask()

    async def _load_back_to(self, since: datetime) -> None:
        """Part by part, each in its place as it comes."""
        # The last part may have ended amid the entries of one instant.
        until = None if self.loaded_since is None else self.loaded_since + timedelta(microseconds=1)
        end = None if until is None else microseconds(until)
        part: list[Entry] = []
        self.record.begin_list()
        try:
            async for entry in self.desk.session.entries(self.patient_id, since, until):
                part.append(entry)
                if len(part) == _ENTRIES_A_TURN:
                    start = time_of(part[-1])
                    self.record.fill(start, end, part)
                    self.loaded_since, end, part = datetime.fromtimestamp(start / 1_000_000, UTC), start, []
                    self._told.ask()
                    if len(self.record.readings) >= MOST_READINGS:
                        return
                    await asyncio.sleep(0)
            self.record.fill(microseconds(since), end, part)
            self.loaded_since = since
            self._told.ask()
        finally:
            self.record.end_list()

    async def _load_alerts(self) -> None:
        since = (self.loaded_since or self.desk.now()) - _LONGEST_ALERT
        if self._alerts_since is not None and self._alerts_since <= since:
            return
        before, found = dict(self.alerts), dict[str, Alert]()
        for active_only in True, False:
            request = ListAlertsRequest(patient_ids=[self.patient_id], active_only=active_only, page_size=_PAGE)
            if not active_only:
                request.start_time.FromDatetime(since)
            while True:
                answer = await self.desk.session.alerts.ListAlerts(request)
                found.update((alert.alert_id, alert) for alert in answer.alerts)
                if not answer.next_page_token:
                    break
                request.page_token = answer.next_page_token
        for alert in found.values():
            self.keep_alert(alert)
        for alert_id, alert in before.items():
            if alert_id not in found and self.alerts.get(alert_id) is alert:
                del self.alerts[alert_id]  # it ended while nobody told
                self._alerts_in_order = None
        self._alerts_since = since

    def keep_alert(self, alert: Alert) -> None:
        """It stands so now, unless a newer revision is known."""
        known = self.alerts.get(alert.alert_id)
        if known is None or known.revision <= alert.revision:
            self.alerts[alert.alert_id] = alert
            self._alerts_in_order = None
            self._told.ask()

    def _hear(self, update: WatchPatientsResponse) -> None:
        kind = update.WhichOneof("event")
        event = getattr(update, kind) if kind else None
        if getattr(event, "patient_id", "") != self.patient_id:
            return
        match kind:
            case "entries_logged":
                self.record.put(update.entries_logged.entries)
            case "entry_amended":
                self.record.amend(update.entry_amended.entry, update.entry_amended.previous)
            case "entry_deleted":
                self.record.remove(update.entry_deleted.previous)
            case "alert_changed":
                self.keep_alert(update.alert_changed.alert)
            case "snapshot":
                # A watch has begun anew: what happened between the two nobody has told.
                self.record.put(update.snapshot.entries)
                for alert in update.snapshot.active_alerts:
                    self.keep_alert(alert)
                self._begin()
            case _:
                return
        self._told.ask()

    async def _look_now_and_then(self) -> None:
        """A watch only ends when nothing is open any more: that less or more is, nobody tells."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._look_at_sharing()

    def _look(self) -> None:
        self.desk.tasks.spawn(self._look_at_sharing())

    async def _look_at_sharing(self) -> None:
        try:
            self._show_only(await sharing_of(self.desk.session, self.patient_id))
        except ApricotError as error:
            if not error.temporary:
                raise

    def _show_only(self, sharing: Sharing) -> None:
        if sharing == self.sharing:
            return
        self.sharing = sharing
        self.record, self.alerts, self._alerts_in_order = Record(), {}, None
        self._begin()
