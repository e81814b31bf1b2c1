"""What became of a push is visible on its alert."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.pushes import PushRow
from services.glucose import events
from services.glucose.domain.alerts import tell
from services.glucose.store import alerts as alert_store


class PushedAlerts:
    """Given to `kit.pushes.Pushes`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def show(self, session: AsyncSession, rows: Sequence[PushRow]) -> None:
        """On each alert, to whom it was pushed or not."""
        by_alert: dict[tuple[UUID, UUID], list[PushRow]] = defaultdict(list)
        now = self._clock()
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
