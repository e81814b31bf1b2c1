"""The timers of consultations: what nobody takes is passed on, and what has had its time expires.

When is derived from the row itself. Whoever acts holds the row and moves it on in one transaction, so that each thing
happens once, however many workers there are and wherever one is killed.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.consult import events
from services.consult.domain.consultations import Act, State, active_until, level_at
from services.consult.events import Telling
from services.consult.store import consultations as store
from services.consult.store import duty
from services.consult.store.due import claim_due
from services.consult.store.members import members_of
from services.consult.store.tables import ConsultationRow

MOST_PUSHED = 100
"""Doctors who are told each time one is passed on; its department's own first."""
_EVERY_SECONDS = 1.0
_BATCH = 50


class Timers:
    """Does what is due."""

    def __init__(self, database: Database, telling: Telling, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.act_due, "the timer of consultations")

    async def act_due(self) -> None:
        """Everything whose time has come."""
        while await self._act_some():
            pass

    async def _act_some(self) -> int:
        now = self._clock()
        async with self._database.transaction() as session:
            due = await claim_due(session, now, _BATCH)
            told = []
            for row in due:
                await _act(session, row, now)
                members = await members_of(session, row.patient_id, row.consultation_id)
                told.append((row, [member.account_id for member in members]))
        for row, accounts in told:
            await self._telling.changed(row.consultation_id, accounts, row.department_code if row.pool else "")
        return len(due)


async def end_of_account(session: AsyncSession, account: UUID, now: datetime) -> None:
    """End every open consultation of a deleted account, as patient or doctor. One that waits is cancelled and leaves
    the pool; an active one expires, and is earned where the doctor had answered."""
    await store.lock_patient(session, account)
    for row in await store.lock_open_of(session, account):
        at = store.next_instant(row, now)
        if row.state == State.WAITING:
            store.move(row, Act.CANCEL, at)
            await events.ended(session, row, at, by=account)
            await events.consultation_changed(session, row)
        else:
            await _expire(session, row, at)


async def _act(session: AsyncSession, row: ConsultationRow, now: datetime) -> None:
    if row.state == State.ACTIVE and (put_off := active_until(row.update_time)) > now:
        row.expire_time = put_off  # something was said since
    elif row.expire_time is not None and row.expire_time <= now:
        await _expire(session, row, store.next_instant(row, now))
    else:
        await _escalate(session, row, store.next_instant(row, now))


async def _expire(session: AsyncSession, row: ConsultationRow, now: datetime) -> None:
    answered = await store.has_answered(session, row)
    store.move(row, Act.EXPIRE, now, answered=answered)
    await events.ended(session, row, now)
    await events.consultation_changed(session, row)


async def _escalate(session: AsyncSession, row: ConsultationRow, now: datetime) -> None:
    assert row.expire_time is not None, "it waits"  # noqa: S101
    store.move(row, Act.ESCALATE, now)
    row.escalation_level = level_at(row.expire_time, now)
    doctors = await duty.on_duty(session, row.department_code, now, MOST_PUSHED, every_department=True)
    events.push(session, row, (doctor for doctor in doctors if doctor != row.patient_id), now, urgent=True)
    await events.consultation_changed(session, row)
