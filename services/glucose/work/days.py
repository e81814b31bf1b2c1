"""Keeps the daily figures of the glucose readings."""

import asyncio
import time

import structlog

from kit.database import Database
from kit.outages import is_outage
from services.glucose.store.days import settle

log = structlog.get_logger()

_MOST = 500
_REST_SECONDS = 1.0
_REST_SHARE = 9
"""Rest so many times as long as the work took: where days are long, keeping them takes a tenth of a core at most."""


async def keep_days(database: Database) -> None:
    """Settle the days that changes marked, those of a second together; until cancelled. Any number may run, one works
    at a time."""
    while True:
        settled, began = 0, time.monotonic()
        try:
            async with database.connection() as connection:
                settled = await settle(connection, _MOST)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("the daily figures wait for the database", error=type(error).__name__)
        if settled < _MOST:
            await asyncio.sleep(max(_REST_SECONDS, _REST_SHARE * (time.monotonic() - began)))
