"""The alerts of all her patients, live, and what she does about them."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import batched
from uuid import uuid4

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ
from apricot.glucose.v1.alert_pb2 import (
    AcknowledgeAlertRequest,
    Alert,
    CancelSnoozeRequest,
    ListAlertsRequest,
    MarkAlertSeenRequest,
    SnoozeAlertRequest,
)
from apricot.glucose.v1.watch_pb2 import WatchPatientsResponse
from PySide6.QtCore import QObject, Signal

from clients.clinician.models.alerts.board import Board
from clients.clinician.models.alerts.platform_time import PlatformTime
from clients.clinician.models.alerts.standing import (
    instant,
    is_active,
    is_urgent,
    keeper,
    need,
    own,
    snoozed_until,
)
from clients.clinician.models.desk import Desk
from clients.clinician.models.frames import OncePerFrame
from clients.clinician.models.identity import Identity
from clients.clinician.models.ward.chart import Reading
from clients.sdk import ApricotError, Phase

RECENT = timedelta(hours=6)
"""So long what was resolved stays in sight."""
_RAISED_WITHIN = timedelta(hours=24)
"""What was resolved lately was raised within."""
_CAUGHT_UP = timedelta(seconds=5)
"""Readings are looked at again when the evaluation lags no more than this (the platform's own bound)."""
_PAUSE_SECONDS = 1.0
_PATIENTS_A_LIST = 2000

type Newest = Callable[[str], Reading | None]
"""A patient's newest reading, by the id; none: there is none, or nobody can say."""
type Trend = Callable[[str], float | None]
"""A patient's trend in mg/dL a minute, by the id; none: nobody can say."""


class AlertList(QObject):
    """Every active alert, the most pressing first, and those that were resolved lately."""

    changed = Signal()
    """Something to show is different; at most once a frame. Countdowns move with `desk.second`."""
    raised = Signal(object)
    """A new active Alert, or one that has become urgent."""

    def __init__(self, desk: Desk, newest: Newest, trend: Trend) -> None:
        super().__init__()
        self.desk = desk
        self._newest = newest
        self._trend = trend
        self._board = Board()
        self._time = PlatformTime()
        self._active: list[Alert] = []
        self._quiet_until: datetime | None = None
        self._unsent: set[str] = set()
        self._looked: set[str] = set()
        self._interrupted_since: datetime | None = None
        self._listing: asyncio.Task[None] | None = None
        self._frame = OncePerFrame(self._show)
        desk.feed.updated.connect(self._take_update)
        desk.feed.patients_changed.connect(self._begin_anew)
        desk.connection.changed.connect(self._frame.ask)
        desk.second.connect(self._pass_time)

    # What there is

    @property
    def active(self) -> list[Alert]:
        """The most pressing first."""
        return self._active

    @property
    def resolved(self) -> list[Alert]:
        """Those of the last hours, the last one first."""
        return self._board.resolved

    @property
    def pressing(self) -> list[Alert]:
        """Those urgent ones that nobody has and that she has not snoozed, the most urgent first."""
        return [
            alert for alert in self._active if is_urgent(alert) and keeper(alert) is None and not self.snooze(alert)
        ]

    @property
    def most_urgent(self) -> Alert | None:
        return self._active[0] if self._active else None

    @property
    def count(self) -> int:
        """So many nobody has: for a badge."""
        return sum(keeper(alert) is None for alert in self._active)

    @property
    def interrupted_since(self) -> datetime | None:
        """Readings from here on are not looked at for alerts: nobody would be told. None: they are."""
        return self._interrupted_since

    @property
    def is_live(self) -> bool:
        """Whether what happens is here at once."""
        return self.desk.connection.standing.phase is Phase.LIVE

    @property
    def known_until(self) -> datetime | None:
        """Of every reading before this instant it is known whether it raised an alert; none: of no reading yet."""
        standing = self.desk.connection.standing
        if standing.complete_until is None or standing.alerts_complete_until is None:
            return None
        return min(standing.complete_until, standing.alerts_complete_until)

    @property
    def me(self) -> str:
        """Her account's id."""
        return self.desk.account.account_id

    @property
    def now(self) -> datetime:
        """The platform's time."""
        return self._time.at(self.desk.now())

    def find(self, alert_id: str) -> Alert | None:
        """As it stands; none when it is not kept any more."""
        return self._board.find(alert_id)

    def identity(self, alert: Alert) -> Identity:
        """Return whose it is."""
        return self.desk.feed.identity(alert.patient_id)

    def newer(self, alert: Alert) -> Reading | None:
        """Where the patient of an active one is by now; none: nothing has come since what raised it."""
        newest = self._newest(alert.patient_id) if is_active(alert) else None
        return newest if newest and newest.time_ns > alert.cause_time.ToNanoseconds() else None

    def measured(self, alert: Alert) -> datetime:
        """Return when the newest reading was measured; without one, the one that raised it."""
        reading = self.newer(alert)
        return datetime.fromtimestamp(reading.time_ns / 1e9, UTC) if reading else instant(alert.cause_time)

    def rate(self, alert: Alert) -> float | None:
        """Return the trend at the newest reading, in mg/dL a minute; None where nobody can tell."""
        if self.newer(alert) is not None:
            return self._trend(alert.patient_id)
        return alert.rate_mg_per_dl_per_minute if alert.HasField("rate_mg_per_dl_per_minute") else None

    def snooze(self, alert: Alert) -> datetime | None:
        """Until when she is left alone with it; none: she is not."""
        return snoozed_until(own(alert, self.me), self.now)

    def is_unsent(self, alert: Alert) -> bool:
        """Whether she has acknowledged it, and the platform does not know yet."""
        return alert.alert_id in self._unsent

    # What she does

    def acknowledge(self, alert_id: str) -> None:
        """She takes care of it. Without a connection it is kept, and sent again until the platform has taken or refused
        it; it does not outlast the app, for an alert that nobody has tells itself again."""
        if (alert := self.find(alert_id)) and alert_id not in self._unsent:
            self._unsent.add(alert_id)
            self._frame.ask()
            self.desk.tasks.spawn(self._acknowledge(alert))

    def begin_snooze(self, alert_id: str, minutes: int) -> None:
        """She is left alone with it for so long. The platform refuses what the rule does not allow."""
        if alert := self.find(alert_id):
            self.desk.tasks.spawn(self._snooze(alert, minutes))

    def cancel_snooze(self, alert_id: str) -> None:
        """She wants to be told again."""
        if (alert := self.find(alert_id)) and self.snooze(alert):
            self.desk.tasks.spawn(self._cancel_snooze(alert))

    def look(self, alert_id: str) -> None:
        """She has looked at it; everybody sees that."""
        alert = self.find(alert_id)
        if alert is None or not is_active(alert) or alert_id in self._looked:
            return
        mine = own(alert, self.me)
        if mine is None or not mine.HasField("see_time"):
            self._looked.add(alert_id)
            self.desk.tasks.spawn(self._look(alert))

    async def _acknowledge(self, alert: Alert) -> None:
        request = AcknowledgeAlertRequest(patient_id=alert.patient_id, alert_id=alert.alert_id, request_id=str(uuid4()))
        try:
            while True:
                try:
                    answer = await self.desk.session.alerts.AcknowledgeAlert(request)
                except ApricotError as error:
                    if not error.temporary:
                        raise
                    await asyncio.sleep(max(_PAUSE_SECONDS, error.retry_after_seconds))
                else:
                    self._take(answer.alert)
                    return
        finally:
            self._unsent.discard(alert.alert_id)
            self._frame.ask()

    async def _snooze(self, alert: Alert, minutes: int) -> None:
        request = SnoozeAlertRequest(patient_id=alert.patient_id, alert_id=alert.alert_id, minutes=minutes)
        self._take((await self.desk.session.alerts.SnoozeAlert(request)).alert)

    async def _cancel_snooze(self, alert: Alert) -> None:
        request = CancelSnoozeRequest(patient_id=alert.patient_id, alert_id=alert.alert_id)
        self._take((await self.desk.session.alerts.CancelSnooze(request)).alert)

    async def _look(self, alert: Alert) -> None:
        request = MarkAlertSeenRequest(patient_id=alert.patient_id, alert_id=alert.alert_id)
        try:
            self._take((await self.desk.session.alerts.MarkAlertSeen(request)).alert)
        except ApricotError as error:
            self._looked.discard(alert.alert_id)  # it is told when she looks again
            if not error.temporary:
                raise

    # What is told

    def _take_update(self, update: WatchPatientsResponse) -> None:
        match update.WhichOneof("event"):
            case "snapshot":
                self._take_snapshot(update.snapshot.patient_id, update.snapshot.active_alerts)
            case "alert_changed":
                self._take(update.alert_changed.alert)
            case "alerts_interrupted":
                told = update.alerts_interrupted
                self._interrupted_since = instant(told.since) if told.interrupted else None
                self._frame.ask()

    def _take(self, alert: Alert) -> None:
        before = self._board.find(alert.alert_id)
        if not self._board.take(alert):
            return
        self._frame.ask()
        if is_active(alert) and (before is None or (is_urgent(alert) and not is_urgent(before))):
            self.raised.emit(alert)

    def _take_snapshot(self, patient_id: str, active: Iterable[Alert]) -> None:
        active = list(active)
        ended = self._board.end_others(patient_id, active)
        for alert in active:
            self._take(alert)
        if ended:
            since = min(instant(alert.raise_time) for alert in ended)
            self.desk.tasks.spawn(self._list([patient_id], since))
            self._frame.ask()

    def _begin_anew(self) -> None:
        patients = self.desk.feed.patients.values()
        self._board.keep(self.desk.feed.patients, self.now - RECENT)
        self._frame.ask()
        if self._listing is not None:
            self._listing.cancel()
        shown = [patient.patient_id for patient in patients if SCOPE_ALERT_READ in patient.scopes]
        self._listing = self.desk.tasks.spawn(self._list(shown, self.now - _RAISED_WITHIN))

    async def _list(self, patient_ids: list[str], since: datetime) -> None:
        """What was raised since then: how that ended which a snapshot does not have."""
        for some in batched(patient_ids, _PATIENTS_A_LIST):
            request = ListAlertsRequest(patient_ids=some, page_size=1000)
            request.start_time.FromDatetime(since)
            while True:
                try:
                    page = await self.desk.session.alerts.ListAlerts(request)
                except ApricotError as error:
                    if not error.temporary:
                        raise
                    await asyncio.sleep(max(_PAUSE_SECONDS, error.retry_after_seconds))
                    continue
                for alert in page.alerts:
                    self._take(alert)
                request.page_token = page.next_page_token
                if not page.next_page_token:
                    break

    def _pass_time(self) -> None:
        standing = self.desk.connection.standing
        self._time.hear(standing.complete_until, self.desk.now())
        if self._board.keep(self.desk.feed.patients, self.now - RECENT):
            self._frame.ask()
        if self._quiet_until is not None and self._quiet_until <= self.now:
            self._frame.ask()
        if self._interrupted_since and standing.phase is Phase.LIVE and self._is_evaluated():
            self._interrupted_since = None
            self._frame.ask()

    def _is_evaluated(self) -> bool:
        """Whether the newest heartbeat says that readings are looked at. A new stream says nothing when they are."""
        standing = self.desk.connection.standing
        if standing.complete_until is None or standing.alerts_complete_until is None:
            return False
        return standing.complete_until - standing.alerts_complete_until <= _CAUGHT_UP

    def _show(self) -> None:
        now = self.now
        self._board.keep(self.desk.feed.patients, now - RECENT)
        self._active = sorted(self._board.active, key=lambda alert: need(alert, self.me, now))
        ends = [end for alert in self._active if (end := self.snooze(alert))]
        self._quiet_until = min(ends, default=None)
        self._looked &= {alert.alert_id for alert in self._active}
        self.changed.emit()
