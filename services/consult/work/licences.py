"""Doctors' names and licences follow identity: within seconds by its events, and by a look at every doctor at the start
and each hour, so that what an event did not bring heals."""

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import Bus, Event
from kit.clock import Clock
from kit.consumer import Consumer
from kit.database import Database
from kit.outages import is_outage
from kit.professionals import Professionals
from services.consult.store import doctors
from services.consult.store.licences import clear, doctors_among, doctors_behind, mirror
from services.consult.store.tables import DoctorRow

log = structlog.get_logger()

_SUBJECTS = ["apricot.identity.licence.changed.>", "apricot.identity.account.deleted.>"]
_BATCH = 500
_EVERY_SECONDS = 3600.0
_AGAIN_SECONDS = 5.0


class Licences:
    """Keeps the copies fresh."""

    def __init__(self, database: Database, professionals: Professionals, clock: Clock) -> None:
        self._database = database
        self._professionals = professionals
        self._clock = clock

    def consumer(self, bus: Bus) -> Consumer:
        """Of what identity tells."""
        return Consumer(bus, self._database, "consult-licences", "identity", _SUBJECTS, self._on_events)

    async def reconcile_hourly(self) -> None:
        """Until cancelled; after an outage it begins again soon."""
        while True:
            try:
                await self.reconcile()
                await asyncio.sleep(_EVERY_SECONDS)
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("licences wait for a part", error=type(error).__name__)
                await asyncio.sleep(_AGAIN_SECONDS)

    async def reconcile(self) -> None:
        """Look at every doctor. Errors: an outage."""
        behind = UUID(int=0)
        while True:
            async with self._database.transaction() as session:
                found = await doctors_behind(session, behind, _BATCH)
                await self._refresh(session, found)
            if len(found) < _BATCH:
                return
            behind = found[-1]

    async def _on_events(self, session: AsyncSession, events: Sequence[Event]) -> None:
        refreshed = await self._refresh(session, {UUID(event.key) for event in events})
        deleted = {UUID(event.key) for event in events if event.kind == "account.deleted"}
        await clear(session, [row for row in refreshed if row.doctor_id in deleted])

    async def _refresh(self, session: AsyncSession, accounts: Collection[UUID]) -> list[DoctorRow]:
        """Ask of the doctors among these, with their locks held, so that no older answer is written over a newer."""
        await doctors.lock(session, accounts)
        found = await doctors_among(session, accounts)
        if found:
            known = await self._professionals.find([row.doctor_id for row in found])
            await mirror(session, found, known, self._clock())
        return found
