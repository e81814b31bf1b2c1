"""Signals of calls that never ended go after a day."""

from datetime import timedelta

from kit.clock import Clock
from kit.database import Database
from kit.rounds import every
from services.consult.store.signals import drop_old_signals

KEEP = timedelta(days=1)
_EVERY_SECONDS = 600.0


async def forget_signals(database: Database, clock: Clock) -> None:
    """Drop them until cancelled; outages are waited out."""

    async def drop() -> None:
        async with database.transaction() as session:
            await drop_old_signals(session, clock() - KEEP)

    await every(_EVERY_SECONDS, drop, "the dropping of signals")
