"""One open watch.

It queues its patients' events first, then sends the snapshots (or replays what a resume token missed), then what is
queued and what comes. A snapshot knows which transactions it saw, so no event is sent for what it already held.
Of each patient it sends what the watch's rights show at that moment; over what they hide, the position moves on.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import events_pb2
from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.watch_pb2 import (
    AlertsInterrupted,
    Heartbeat,
    HistoryGap,
    PatientSnapshot,
    WatchPatientsRequest,
    WatchPatientsResponse,
)

from kit.bus import RETENTION_SECONDS, Bus, Event
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError
from kit.feed import Feed, replay
from kit.hub import Hub, Subscription
from kit.times import to_timestamp
from kit.views import ALWAYS, END, View
from services.glucose import events
from services.glucose.rpc.receipts import Receipts
from services.glucose.rpc.resume import Position, Visible
from services.glucose.rpc.rights import Rights
from services.glucose.rpc.sharing import openings, shown, shown_snapshot, shows_alert
from services.glucose.rpc.vigil import Vigil
from services.glucose.store import entries as store
from services.glucose.store.entries import READINGS

type Update = WatchPatientsResponse | bytes
"""A message, or one already serialized since many watches share it."""

HEARTBEAT_SECONDS = 5.0
_SNAPSHOT_MINUTES = 180
_MOST_IN_SNAPSHOT = 1500
_CLOCK_SKEW = timedelta(seconds=5)
"""How far this machine's clock may lie behind the database's."""


@dataclass(frozen=True)
class Sources:
    """What watches are fed from."""

    database: Database
    bus: Bus
    feed: Feed
    hub: Hub
    clock: Clock
    vigil: Vigil
    receipts: Receipts


class LiveStream:
    """The messages of one watch."""

    def __init__(self, sources: Sources, subscription: Subscription, rights: Rights, token_end: datetime) -> None:
        self._database = sources.database
        self._bus = sources.bus
        self._feed = feed = sources.feed
        self._hub = hub = sources.hub
        self._clock = clock = sources.clock
        self._vigil = sources.vigil
        self._receipts = sources.receipts
        self._account = rights.watcher
        self._interrupted = False
        self._subscription = subscription
        self._rights = rights
        self._token_end = token_end
        self._heartbeat_due = False
        self._complete_until = hub.complete_until
        self._position = Position(feed.epoch, feed.sequence)
        self._settled_after = clock() + _CLOCK_SKEW
        """Once the hub is complete up to here, no more event tells of what the snapshots held."""

    async def begin(self, request: WatchPatientsRequest, resumed: Position | None) -> AsyncGenerator[Update]:
        """Snapshots; or what came after the resumed position; or, when that is too old, a gap and snapshots."""
        if resumed is not None and await self._is_kept(resumed):
            async for message in self._replay(resumed):
                yield message
            return
        if resumed is not None:
            missing_since = self._clock() - timedelta(seconds=RETENTION_SECONDS)
            yield WatchPatientsResponse(history_gap=HistoryGap(missing_since=to_timestamp(missing_since)))
        async for message in self._snapshots(request):
            yield message

    async def go_on(self) -> AsyncGenerator[Update]:
        """Events as they come, and heartbeats; until the token ends."""
        call_later = asyncio.get_running_loop().call_later
        yield self._heartbeat()
        if (alarm := self._alarm()) is not None:
            yield alarm
        heartbeat = call_later(HEARTBEAT_SECONDS, self._call_for_heartbeat)
        token_end = call_later((self._token_end - self._clock()).total_seconds(), self._subscription.nudge)
        try:
            while True:
                event = await self._subscription.next()
                if self._clock() >= self._token_end:
                    raise ApricotError(Reason.REASON_TOKEN_EXPIRED, "the access token has expired; resume")
                if event is not None and (message := await self._event(event)) is not None:
                    yield message
                    self._receipts.sent(event, self._account)
                if self._heartbeat_due and (alarm := self._alarm()) is not None:
                    yield alarm
                if self._heartbeat_due and self._subscription.idle:
                    yield self._heartbeat()
                    heartbeat = call_later(HEARTBEAT_SECONDS, self._call_for_heartbeat)
        finally:
            heartbeat.cancel()
            token_end.cancel()

    def _call_for_heartbeat(self) -> None:
        self._heartbeat_due = True
        self._subscription.nudge()

    async def _is_kept(self, position: Position) -> bool:
        """Whether every event behind the position can still be replayed."""
        state = await self._bus.ensure_stream("glucose")
        return (
            position.epoch == state.epoch == self._feed.epoch
            and state.first_sequence - 1 <= position.sequence <= state.last_sequence
        )

    async def _replay(self, resumed: Position) -> AsyncGenerator[Update]:
        queued_behind = self._position.sequence
        self._position = resumed
        subjects = [subject for patient in self._subscription.keys for subject in events.watched_subjects(patient)]
        async with aclosing(replay(self._bus, "glucose", resumed.sequence + 1, queued_behind, subjects)) as missed:
            async for event in missed:
                if (message := await self._event(event)) is not None:
                    yield message
                    self._receipts.sent(event, self._account)

    async def _snapshots(self, request: WatchPatientsRequest) -> AsyncGenerator[Update]:
        since = self._clock() - timedelta(minutes=request.snapshot_minutes or _SNAPSHOT_MINUTES)
        views = {patient: await self._view(patient) for patient in request.patient_ids}
        found = await store.snapshot(
            self._database,
            [opening for patient, view in views.items() for opening in openings(UUID(patient), view, (since, END))],
            [opening for patient, view in views.items() for opening in openings(UUID(patient), view, ALWAYS, READINGS)],
            [UUID(patient) for patient in views],
            _MOST_IN_SNAPSHOT,
        )
        self._position = replace(self._position, visible=Visible(found.visible))
        self._settled_after = found.as_of
        last = request.patient_ids[-1]
        for patient in request.patient_ids:
            snapshot = _snapshot(found, patient, views[patient])
            if (view := await self._view(patient)) != views[patient]:
                snapshot = shown_snapshot(view, snapshot)  # narrowed while it was read
            token = self._position.encode() if patient == last else ""
            yield WatchPatientsResponse(resume_token=token, snapshot=snapshot)
            for alert in snapshot.active_alerts:
                self._receipts.shown(alert, self._account)

    async def _view(self, patient: str) -> View:
        """What may be sent of a patient now. Errors: the one the watch was ended with."""
        view = await self._rights.view(patient)
        self._subscription.require_open()
        return view

    async def _event(self, event: Event) -> Update | None:
        """The message of an event; none when the client has it already, or may not see it."""
        view = await self._view(event.key)
        position = self._position
        if event.sequence <= position.sequence:
            return None
        self._position = Position(position.epoch, event.sequence, position.visible)
        if position.visible is not None and event.transaction_id in position.visible:
            return None
        if position.visible is None:
            return _shared_bytes(event, position.epoch, view)
        return _message(event, self._position, view)

    def _heartbeat(self) -> WatchPatientsResponse:
        self._heartbeat_due = False
        if self._subscription.idle:
            # Everything that came was sent, so the token may move on with the stream, and past the snapshots.
            self._complete_until = complete_until = self._hub.complete_until
            sequence = max(self._position.sequence, self._feed.sequence)
            visible = None if complete_until > self._settled_after else self._position.visible
            self._position = Position(self._feed.epoch, sequence, visible)
        heartbeat = Heartbeat(
            complete_until=to_timestamp(self._complete_until),
            alerts_complete_until=to_timestamp(self._vigil.complete_until),
        )
        return WatchPatientsResponse(resume_token=self._position.encode(), heartbeat=heartbeat)

    def _alarm(self) -> WatchPatientsResponse | None:
        """That nobody looks for alerts any more, or that somebody does again; none: it is as it was."""
        since = self._vigil.interrupted_since(was_interrupted=self._interrupted)
        if (since is not None) == self._interrupted:
            return None
        self._interrupted = since is not None
        alarm = AlertsInterrupted(interrupted=self._interrupted, since=to_timestamp(since) if since else None)
        return WatchPatientsResponse(resume_token=self._position.encode(), alerts_interrupted=alarm)


def _snapshot(found: store.Snapshot, patient: str, view: View) -> PatientSnapshot:
    snapshot = PatientSnapshot(patient_id=patient)
    for body in found.recent.get(UUID(patient), ()):
        snapshot.entries.add().MergeFromString(body)
    if latest := found.latest_reading.get(UUID(patient)):
        snapshot.latest_reading.MergeFromString(latest)
    alerts = map(Alert.FromString, found.active_alerts.get(UUID(patient), ()))
    snapshot.active_alerts.extend(alert for alert in alerts if shows_alert(view, alert))
    return snapshot


def _message(event: Event, position: Position, view: View) -> WatchPatientsResponse | None:
    """An event as this view's client gets it, with the position behind it; none when it shows nothing of it."""
    token = position.encode()
    match shown(view, events.read_event(event)):
        case None:
            return None
        case events_pb2.EntriesLogged() as logged:
            return WatchPatientsResponse(resume_token=token, entries_logged=logged)
        case events_pb2.EntryAmended() as amended:
            return WatchPatientsResponse(resume_token=token, entry_amended=amended)
        case events_pb2.EntryDeleted() as deleted:
            return WatchPatientsResponse(resume_token=token, entry_deleted=deleted)
        case events_pb2.AlertChanged() as alert:
            return WatchPatientsResponse(resume_token=token, alert_changed=alert)
        case events_pb2.TimelineItemAdded() as item:
            return WatchPatientsResponse(resume_token=token, timeline_item_added=item)


@lru_cache(maxsize=64)
def _shared_bytes(event: Event, epoch: int, view: View) -> bytes | None:
    """The one message that all settled watches with the same view of a patient send."""
    message = _message(event, Position(epoch, event.sequence), view)
    return message.SerializeToString() if message is not None else None
