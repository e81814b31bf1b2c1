"""Photos that no meal names go after a while."""

from datetime import timedelta

from kit.clock import Clock
from kit.database import Database
from kit.objects import Objects
from kit.rounds import every
from services.glucose.store import photos as store

KEEP_UNNAMED = timedelta(days=7)
_EVERY_SECONDS = 600.0


async def remove_unnamed_photos(database: Database, objects: Objects, clock: Clock) -> None:
    """Remove them until cancelled; outages are waited out."""

    async def remove() -> None:
        while await remove_some(database, objects, clock):
            pass

    await every(_EVERY_SECONDS, remove, "the removing of photos")


async def remove_some(database: Database, objects: Objects, clock: Clock) -> int:
    """Remove some of those that are due; how many."""
    async with database.transaction() as session:
        keys = await store.take_unnamed(session, clock() - KEEP_UNNAMED)
        for key in keys:
            await objects.delete(key)
    return len(keys)
