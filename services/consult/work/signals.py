"""Signals of calls that never ended go after a day."""

import asyncio
from datetime import timedelta

import structlog

from kit.clock import Clock
from kit.database import Database
from kit.outages import is_outage
from services.consult.store.signals import drop_old_signals

log = structlog.get_logger()

KEEP = timedelta(days=1)
_EVERY_SECONDS = 600.0


async def forget_signals(database: Database, clock: Clock) -> None:
    """Drop them until cancelled; outages are waited out."""
    while True:
        try:
            async with database.transaction() as session:
                await drop_old_signals(session, clock() - KEEP)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("dropping signals waits for a part", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
