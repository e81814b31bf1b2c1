"""Alerts that reached a device of their recipient by a watch: marked as delivered, together and off the hot path."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from functools import lru_cache
from uuid import UUID

import structlog
from apricot.glucose.v1.alert_pb2 import Alert
from apricot.glucose.v1.events_pb2 import AlertChanged

from kit.bus import Event
from kit.clock import Clock
from kit.database import Database
from kit.outages import is_outage
from kit.outbox import Relay
from services.glucose import events
from services.glucose.domain.alerts import tell
from services.glucose.store import alerts as store

log = structlog.get_logger()

_GATHER_SECONDS = 0.2
_MOST_WAITING = 10_000

type Receipt = tuple[UUID, UUID, UUID]
"""Patient, alert and recipient."""


class Receipts:
    """Notes what was sent to whom, and marks it."""

    def __init__(self, database: Database, relay: Relay, clock: Clock) -> None:
        self._database = database
        self._relay = relay
        self._clock = clock
        self._waiting: set[Receipt] = set()
        self._more = asyncio.Event()

    def sent(self, event: Event, account: UUID) -> None:
        """An event went out over a watch of this account's."""
        if event.kind == events.ALERT_CHANGED:
            self._note(_undelivered_of(event), account)

    def shown(self, alert: Alert, account: UUID) -> None:
        """An alert went out in a snapshot."""
        self._note(_undelivered(alert), account)

    async def run(self) -> None:
        """Mark until cancelled. What an outage loses is marked when the alert is sent again."""
        while True:
            await self._more.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            self._more.clear()
            waiting, self._waiting = self._waiting, set()
            try:
                await self._mark(waiting)
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("deliveries were not marked", error=type(error).__name__)

    def _note(self, undelivered: dict[UUID, Receipt], account: UUID) -> None:
        receipt = undelivered.get(account)
        if receipt is not None and len(self._waiting) < _MOST_WAITING:
            self._waiting.add(receipt)
            self._more.set()

    async def _mark(self, receipts: set[Receipt]) -> None:
        accounts: dict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
        for patient, alert_id, account in receipts:
            accounts[patient, alert_id].append(account)
        async with self._database.transaction() as session:
            await store.lock(session, {patient for patient, _, _ in receipts})
            for (patient, alert_id), reached in accounts.items():
                before = alert = await store.find(session, patient, alert_id)
                if alert is None or before is None:
                    continue
                for account in reached:
                    if recipient := alert.recipient(account):
                        alert = tell.with_recipient(alert, tell.delivered(recipient, self._clock()))
                if alert != before:
                    alert = replace(alert, revision=before.revision + 1)
                    await store.save(session, [alert])
                    events.alert_changed(session, alert)
        await self._relay.wake()


@lru_cache(maxsize=64)
def _undelivered_of(event: Event) -> dict[UUID, Receipt]:
    return _undelivered(AlertChanged.FromString(event.payload).alert)


def _undelivered(alert: Alert) -> dict[UUID, Receipt]:
    """The receipts that are still to come, by recipient; one who was not told yet gives none."""
    patient, alert_id = UUID(alert.patient_id), UUID(alert.alert_id)
    return {
        (account := UUID(recipient.account_id)): (patient, alert_id, account)
        for recipient in alert.recipients
        if recipient.told_count and not recipient.HasField("deliver_time")
    }
