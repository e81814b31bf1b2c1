"""The timer of reminders: pushes to the patient at each time that the plan in force asks for something.

When a patient is next to be reminded is a row. Whoever pushes moves it on in the same transaction, so that each
reminder comes once, however many workers there are and wherever one is killed.
"""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from kit.pushes import add_pushes
from kit.rounds import every
from services.glucose.domain.adherence import follow
from services.glucose.domain.schedule import next_due
from services.glucose.store import plans as store
from services.glucose.store.plan_lines import find_logged, followed
from services.glucose.store.plan_tables import PlanRow, ReminderRow
from services.glucose.store.reminders import claim_due

LATEST = timedelta(minutes=30)
"""What could not be sent for longer is not sent any more."""
_INSTANT = timedelta(microseconds=1)
_EVERY_SECONDS = 2.0
_BATCH = 50


class Reminders:
    """Sends what is due."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.send_due, "the timer of reminders")

    async def send_due(self) -> None:
        """Everything whose time has come."""
        while await self._send_some():
            pass

    async def _send_some(self) -> int:
        now = self._clock()
        async with self._database.transaction() as session:
            claimed = await claim_due(session, now, _BATCH)
            for reminder, plan in claimed:
                await self._remind(session, reminder, plan, now)
        return len(claimed)

    async def _remind(self, session: AsyncSession, reminder: ReminderRow, row: PlanRow, now: datetime) -> None:
        lines, zone = followed(store.plan_of(row).content)
        due_time, patient = reminder.due_time, reminder.patient_id
        if due_time >= now - LATEST:
            logged = await find_logged(session, patient, due_time, due_time)
            due = follow(lines, zone, store.force_of(row), due_time, due_time + _INSTANT, logged)
            if any(each.logged is None for each in due):
                add_pushes(
                    session, [patient], patient=patient, kind="reminder", reference=row.plan_id, urgent=False, now=now
                )
        behind = max(due_time, now - LATEST - _INSTANT)
        await store.set_reminder(session, row, next_due((line.times for line in lines), zone, behind))
