"""What the kit's tables keep no longer than needed."""

import asyncio

import structlog

from kit.database import Database
from kit.outages import is_outage

log = structlog.get_logger()

_EVERY_SECONDS = 3600.0


async def keep_house(database: Database) -> None:
    """Drop answered requests and handled events after a week; until cancelled."""
    while True:
        try:
            async with database.connection() as connection:
                await connection.execute("delete from answered_request where create_time < now() - interval '7 days'")
                await connection.execute("delete from handled_event where handle_time < now() - interval '7 days'")
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("housekeeping waits for the database", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
