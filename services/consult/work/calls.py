"""The timer of calls: those that nobody answers are missed, and devices that lost their connection leave.

Any number of workers look; whoever ends a call holds its consultation, so that it ends once.
"""

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.consult.domain.calls import LOST, RING, Act, State, losing
from services.consult.events import Telling
from services.consult.store import call_devices as devices
from services.consult.store import calls as store
from services.consult.store.tables import CallParticipantRow, CallRow

_EVERY_SECONDS = 1.0
_BATCH = 100


class CallTimer:
    """Ends what time alone ends."""

    def __init__(self, database: Database, telling: Telling, clock: Clock) -> None:
        self._database = database
        self._telling = telling
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; outages are waited out."""
        await every(_EVERY_SECONDS, self.look, "the timer of calls")

    async def look(self) -> None:
        """Once."""
        now = self._clock()
        async with self._database.transaction() as session:
            rang = await store.rung_since(session, now - RING, _BATCH)
            await devices.note_away(session, now)
            lost = await devices.away_since(session, now - LOST, _BATCH)
        for row in rang:
            await self._miss(row)
        for device in lost:
            await self._lose(device)

    async def _miss(self, found: CallRow) -> None:
        async with self._database.transaction() as session:
            row = await store.locked_live_call(session, found.patient_id, found.consultation_id)
            if row is None or row.call_id != found.call_id or row.state != State.RINGING:
                return  # was answered, or ended, meanwhile
            await store.change(session, row, Act.MISS, self._clock())
        await self._telling.changed(found.consultation_id)

    async def _lose(self, found: CallParticipantRow) -> None:
        now = self._clock()
        async with self._database.transaction() as session:
            row = await store.locked_live_call(session, found.patient_id, found.consultation_id)
            if row is None or not await devices.is_away(session, found.call_id, found.account_id, now - LOST):
                return  # ended, or came back, meanwhile
            await store.leave(session, row, found.account_id, now)
            act = losing(others_in=len(await store.people_in(session, row)))
            if act is not None:
                await store.change(session, row, act, now)
        await self._telling.changed(found.consultation_id)
