"""Objects of uploads that broke off go after a while."""

import asyncio
from datetime import timedelta

import structlog

from kit.clock import Clock
from kit.database import Database
from kit.objects import Objects
from kit.outages import is_outage
from services.consult.store import attachments as store

log = structlog.get_logger()

KEEP_ABANDONED = timedelta(hours=1)
_EVERY_SECONDS = 600.0


async def remove_abandoned_uploads(database: Database, objects: Objects, clock: Clock) -> None:
    """Remove them until cancelled; outages are waited out."""
    while True:
        try:
            while await remove_some(database, objects, clock):
                pass
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("removing uploads waits for a part", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)


async def remove_some(database: Database, objects: Objects, clock: Clock) -> int:
    """Remove some of those that are due; how many."""
    async with database.transaction() as session:
        keys = await store.take_abandoned(session, clock() - KEEP_ABANDONED)
        for key in keys:
            await objects.delete(key)
    return len(keys)
