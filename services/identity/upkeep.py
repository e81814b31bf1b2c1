"""What nobody calls for: grants that end by themselves are told, rows that say nothing any more are deleted."""

import asyncio
from datetime import timedelta

import structlog

from kit.clock import Clock
from kit.database import Database
from kit.outages import is_outage
from kit.outbox import Relay
from services.identity import account_changes, events
from services.identity.store import expired, grants

log = structlog.get_logger()

_TELL_SECONDS = 0.5
_DELETE_EVERY = timedelta(hours=1)


class Upkeep:
    """Runs in every replica; row locks let each thing be done once."""

    def __init__(self, database: Database, relay: Relay, clock: Clock) -> None:
        self._database = database
        self._relay = relay
        self._clock = clock

    async def run(self) -> None:
        """Keep up until cancelled; outages are waited out."""
        delete_at = self._clock()
        while True:
            try:
                await self.tell_expired_grants()
                await self.make_due_changes()
                if self._clock() >= delete_at:
                    await self.delete_expired_rows()
                    delete_at = self._clock() + _DELETE_EVERY
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("upkeep waits for a part", error=type(error).__name__)
            await asyncio.sleep(_TELL_SECONDS)

    async def tell_expired_grants(self) -> None:
        """Publish the grants that ended since the last time, so that what they opened closes within a second."""
        async with self._database.transaction() as session:
            patients = await grants.take_expired(session, self._clock())
            events.grants_changed(session, patients)
        if patients:
            await self._relay.wake()

    async def make_due_changes(self) -> None:
        """Make the changes of accounts that were approved, and whose time has come."""
        async with self._database.transaction() as session:
            ended = await account_changes.make_due(session, self._clock())
        if ended:
            await self._relay.wake()

    async def delete_expired_rows(self) -> None:
        """Delete used-up codes and limits, and old sessions."""
        async with self._database.transaction() as session:
            await expired.delete(session, self._clock())
