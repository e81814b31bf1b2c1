"""What time makes of appointments: reminders, no-shows, offers that lapse, and places for those who wait.

Each is a row with a time. Whoever works on it moves it on in the same transaction, so that each happens once, however
many workers there are and wherever one is killed.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from kit.outbox import Relay
from kit.rounds import every
from services.consult import events
from services.consult.domain.appointments import Act, next_reminder
from services.consult.domain.waiting import Act as WaitingAct
from services.consult.domain.waiting import State as WaitingState
from services.consult.store import appointments, slots, waiting
from services.consult.store.next_slots import doctors_to_tell, tell_next_slot

_EVERY_SECONDS = 2.0
_BATCH = 50
_OVERLAP = timedelta(seconds=30)
"""How long a transaction may take at most to be seen by the next look at what changed."""


async def give_up_places(session: AsyncSession, patient: UUID, now: datetime) -> None:
    """The patient's account is gone: what is booked and waited for is for others, and the fee goes back. The policy
    binds people alone."""
    for row in await appointments.lock_expected(session, patient):
        await appointments.change(session, row, Act.LOSE_PATIENT, now)
        events.appointment_changed(session, row, None, now)
        events.offers_made(session, await waiting.offer_places(session, row.slot_id, now), now)
    for entry in await waiting.lock_open(session, patient):
        await waiting.end(session, entry, WaitingAct.LEAVE, now)
        events.waiting_changed(session, entry, None, now)


async def close_practice(session: AsyncSession, doctor: UUID, now: datetime) -> None:
    """The doctor's account is gone: withdraw the slots, cancel what is open with the fee refunded, end what waits for
    the doctor, and tell each patient."""
    await slots.withdraw(session, doctor, now, None, now)
    for entry in await waiting.lock_open_for_doctor(session, doctor):
        await waiting.end(session, entry, WaitingAct.LAPSE, now)
        events.waiting_changed(session, entry, None, now)
        events.push_patient(session, entry.patient_id, "offer", entry.entry_id, now)
    for row in await appointments.lock_open_of_doctor(session, doctor):
        await appointments.change(session, row, Act.LOSE_DOCTOR, now)
        events.appointment_changed(session, row, None, now)
        events.push_patient(session, row.patient_id, "appointment", row.appointment_id, now, urgent=True)
    await tell_next_slot(session, doctor, now)


class AppointmentTimer:
    """Does what is due."""

    def __init__(
        self, database: Database, relay: Relay, clock: Clock, look_back: timedelta = timedelta(days=1)
    ) -> None:
        """`look_back` is for how long no worker may have run without the directory showing slots that have passed."""
        self._database = database
        self._relay = relay
        self._clock = clock
        self._told_until = clock() - look_back

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.do_due, "the timer of appointments")

    async def do_due(self) -> None:
        """Everything whose time has come."""
        for some in self._remind, self._mark_missed, self._lapse, self._offer:
            await self._all_of(some)
        await self._tell_next_slots()

    async def _all_of(self, some: Callable[[], Awaitable[int]]) -> None:
        while await some():
            await self._relay.wake()

    async def _remind(self) -> int:
        """Push once for what has become due, however much of it, while the appointment lies ahead."""
        now = self._clock()
        async with self._database.transaction() as session:
            claimed = await appointments.claim_reminders(session, now, _BATCH)
            for row in claimed:
                if row.start_time > now:
                    events.push_patient(session, row.patient_id, "appointment", row.appointment_id, now)
                row.remind_time = next_reminder(row.start_time, now)
        return len(claimed)

    async def _mark_missed(self) -> int:
        now = self._clock()
        async with self._database.transaction() as session:
            claimed = await appointments.claim_missed(session, now, _BATCH)
            for row in claimed:
                await appointments.change(session, row, Act.MISS, now)
                events.appointment_changed(session, row, None, now)
        return len(claimed)

    async def _lapse(self) -> int:
        """One after the other, each with what follows from it: the place goes to the next in line."""
        now = self._clock()
        async with self._database.transaction() as session:
            claimed = await waiting.claim_over(session, now, 1)
            for row in claimed:
                was_offered = row.state == WaitingState.OFFERED
                await waiting.end(session, row, WaitingAct.LAPSE, now)
                events.waiting_changed(session, row, None, now)
                if was_offered and row.offered_slot_id is not None:
                    events.offers_made(session, await waiting.offer_places(session, row.offered_slot_id, now), now)
        return len(claimed)

    async def _offer(self) -> int:
        """Places that came free where nobody offered them: slots just published, or freed while somebody joined."""
        now = self._clock()
        async with self._database.transaction() as session:
            waited_for = await waiting.slots_waited_for(session, now, _BATCH)
        count = 0
        for slot in waited_for:
            async with self._database.transaction() as session:
                offered = await waiting.offer_places(session, slot, now)
                events.offers_made(session, offered, now)
            count += len(offered)
        return count

    async def _tell_next_slots(self) -> None:
        """The directory shows no slot that has passed, nor one that two filled at once."""
        now = self._clock()
        async with self._database.transaction() as session:
            doctors = await doctors_to_tell(session, self._told_until - _OVERLAP, now)
        for doctor in doctors:
            async with self._database.transaction() as session:
                await tell_next_slot(session, doctor, now)
        self._told_until = now
