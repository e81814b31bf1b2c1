"""Pushes to devices: what waits in the `push` table is posted to a webhook, again and again with longer pauses. What
became of it is visible on the alert. A push says that there is something, never what."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from kit.outages import is_outage
from kit.outbox import Relay
from kit.webhook import Webhook
from services.glucose import events
from services.glucose.domain.alerts import tell
from services.glucose.store import alerts as alert_store
from services.glucose.store import pushes as store
from services.glucose.store.tables import PushRow

log = structlog.get_logger()

PUSHES = Counter("apricot_pushes", "Tries to push, by outcome.", ["outcome"])

MOST_TRIES = 8
FIRST_PAUSE = timedelta(seconds=5)
"""After the first failure; each one doubles it."""
_LOOK_SECONDS = 0.5
_BATCH = 50
_DISCARD_SECONDS = 60.0
_KEEP = timedelta(days=7)


class Pushes:
    """Sends what waits. Any number of workers share it; a push that a dying worker had sent is sent again."""

    def __init__(self, database: Database, webhook: Webhook, relay: Relay, clock: Clock) -> None:
        self._database = database
        self._webhook = webhook
        self._relay = relay
        self._clock = clock

    async def run(self) -> None:
        """Push until cancelled; an outage is waited out."""
        while True:
            try:
                while await self.push_waiting():
                    pass
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("pushes wait for a part", error=type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)

    async def push_waiting(self) -> bool:
        """One batch; whether there may be more."""
        async with self._database.transaction() as session:
            rows = await store.take_waiting(session, self._clock(), _BATCH)
            if not rows:
                return False
            taken = await asyncio.gather(*(self._webhook.post(_message(row)) for row in rows))
            now = self._clock()
            for row, is_taken in zip(rows, taken, strict=True):
                _settle(row, is_taken, now)
            await self._show(session, rows, now)
            await store.forget_old(session, now - _KEEP)
        await self._relay.wake()
        return len(rows) == _BATCH

    async def _show(self, session: AsyncSession, rows: Sequence[PushRow], now: datetime) -> None:
        """On each alert, to whom it was pushed or not."""
        by_alert: dict[tuple[UUID, UUID], list[PushRow]] = defaultdict(list)
        for row in rows:
            if row.kind == "alert":
                by_alert[row.patient_id, row.reference_id].append(row)
        if not by_alert:
            return
        await alert_store.lock(session, {patient for patient, _ in by_alert})
        for (patient, alert_id), pushed in by_alert.items():
            before = alert = await alert_store.find(session, patient, alert_id)
            if alert is None or before is None:
                continue
            for row in pushed:
                if (recipient := alert.recipient(row.account_id)) is None:
                    continue
                if row.state == "delivered":
                    recipient = tell.delivered(recipient, now)
                else:
                    recipient = tell.not_pushed(recipient, given_up=row.state == "failed")
                alert = tell.with_recipient(alert, recipient)
            if alert != before:
                alert = replace(alert, revision=before.revision + 1)
                await alert_store.save(session, [alert])
                events.alert_changed(session, alert)


async def discard(database: Database, clock: Clock) -> None:
    """Where nothing is pushed, drop what waits, until cancelled."""
    while True:
        try:
            async with database.transaction() as session:
                await store.forget_waiting(session, clock())
        except Exception as error:
            if not is_outage(error):
                raise
        await asyncio.sleep(_DISCARD_SECONDS)


def _message(row: PushRow) -> dict[str, object]:
    return {
        "push_id": row.id,
        "account_id": str(row.account_id),
        "patient_id": str(row.patient_id),
        "kind": row.kind,
        "reference_id": str(row.reference_id),
        "urgent": row.urgent,
    }


def _settle(row: PushRow, is_taken: bool, now: datetime) -> None:
    """What becomes of a push after a try."""
    row.tries += 1
    if is_taken:
        row.state = "delivered"
    elif row.tries >= MOST_TRIES:
        row.state = "failed"
    else:
        row.next_try_time = now + FIRST_PAUSE * 2 ** (row.tries - 1)
    PUSHES.labels("delivered" if is_taken else "given up" if row.state == "failed" else "failed").inc()
    if not is_taken:
        log.warning("a push failed", push_id=row.id, tries=row.tries, given_up=row.state == "failed")
