"""Keeps the daily figures of the glucose readings."""

import asyncio

import structlog

from kit.database import Database
from kit.outages import is_outage
from services.glucose.store.days import settle

log = structlog.get_logger()

_MOST = 500
_REST_SECONDS = 1.0


async def keep_days(database: Database) -> None:
    """Settle the days that changes marked, those of a second together; until cancelled. Any number may run, one
    works at a time."""
    while True:
        settled = 0
        try:
            async with database.connection() as connection:
                settled = await settle(connection, _MOST)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("the daily figures wait for the database", error=type(error).__name__)
        if settled < _MOST:
            await asyncio.sleep(_REST_SECONDS)
