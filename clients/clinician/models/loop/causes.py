"""What the steps of a timeline are about: alerts, and what of the diary caused them."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, timedelta

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.alert_pb2 import Alert, ListAlertsRequest
from apricot.glucose.v1.diary_pb2 import ListEntryRevisionsRequest
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.timeline_pb2 import TimelineItem

from clients.clinician.models.desk import Desk
from clients.sdk import ApricotError


class Causes:
    """Of one patient's steps, as far as they are open to her. Errors: ApricotError."""

    def __init__(self, desk: Desk, patient_id: str) -> None:
        self._desk = desk
        self._patient_id = patient_id
        self.alerts: dict[str, Alert] = {}
        """By id, as they are now."""
        self.entries: dict[str, Entry | None] = {}
        """By id; None: deleted, or not open to her."""

    async def find(self, items: Iterable[TimelineItem]) -> None:
        """What these steps are about."""
        steps = list(items)
        await self._find_alerts(steps)
        await self._find_entries(steps)

    async def _find_alerts(self, items: Iterable[TimelineItem]) -> None:
        """The alerts of these steps; of one that was raised before them nothing but its rule is told."""
        steps = [item for item in items if item.HasField("alert_step")]
        if not steps or not self._desk.feed.opens(self._patient_id, SCOPE_ALERT_READ):
            return
        request = ListAlertsRequest(patient_ids=[self._patient_id], page_size=1000)
        first = min(item.time.ToDatetime(UTC) for item in steps)
        request.start_time.FromDatetime(first - timedelta(hours=1))
        last = max(item.time.ToDatetime(UTC) for item in steps)
        request.end_time.FromDatetime(last + timedelta(minutes=1))
        while True:
            page = await self._desk.session.alerts.ListAlerts(request)
            self.alerts |= {alert.alert_id: alert for alert in page.alerts}
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def _find_entries(self, items: Iterable[TimelineItem]) -> None:
        """What caused these steps, of the diary, where no alert tells it."""
        told = {alert.cause_entry_id for alert in self.alerts.values()} | self.entries.keys()
        wanted = {item.cause.entry_id for item in items if not item.HasField("alert_step")} - told - {""}
        await asyncio.gather(*map(self._find_entry, wanted))

    async def _find_entry(self, entry_id: str) -> None:
        request = ListEntryRevisionsRequest(patient_id=self._patient_id, entry_id=entry_id)
        try:
            revisions = (await self._desk.session.diary.ListEntryRevisions(request)).revisions
        except ApricotError as error:
            if error.reason not in (Reason.REASON_NOT_FOUND, Reason.REASON_PATIENT_ACCESS_DENIED):
                raise
            self.entries[entry_id] = None  # not open to her
        else:
            self.entries[entry_id] = next((each.entry for each in reversed(revisions) if not each.deleted), None)
