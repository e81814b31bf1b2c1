"""What the kit's tables keep no longer than needed."""

from kit.database import Database
from kit.rounds import every

_EVERY_SECONDS = 3600.0


async def keep_house(database: Database) -> None:
    """Drop answered requests and handled events after a week; until cancelled."""

    async def drop() -> None:
        async with database.connection() as connection:
            await connection.execute("delete from answered_request where create_time < now() - interval '7 days'")
            await connection.execute("delete from handled_event where handle_time < now() - interval '7 days'")

    await every(_EVERY_SECONDS, drop, "housekeeping")
