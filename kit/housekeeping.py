"""Rows that have had their time, by what their tables say of it."""

from sqlmodel import SQLModel

from kit.consumer import HandledEvent
from kit.database import Database
from kit.idempotency import AnsweredRequest
from kit.retention import Retention
from kit.rounds import every

_EVERY_SECONDS = 3600.0
_BATCH = 1000
_MOST_BATCHES = 100
"""Of one table in one round: what is left waits for the next."""


async def keep_house(database: Database, *tables: type[SQLModel]) -> None:
    """Drop the rows of the kit's tables and of these whose time is over; until cancelled."""

    swept: tuple[type[SQLModel], ...] = (AnsweredRequest, HandledEvent, *tables)

    async def drop() -> None:
        for table in swept:
            for _ in range(_MOST_BATCHES):
                if await _drop_some(database, table) < _BATCH:
                    break

    await every(_EVERY_SECONDS, drop, "housekeeping")


async def _drop_some(database: Database, table: type[SQLModel]) -> int:
    retention: Retention = vars(table)["__retention__"]
    name = table.__tablename__
    due = f"{retention.since} < now() - interval '{retention.goes_after}'"
    some = f"select ctid from {name} where {due} limit {_BATCH} for update skip locked"  # noqa: S608  names of our own
    async with database.connection() as connection:
        done = await connection.execute(f"delete from {name} where ctid = any(array({some}))")  # noqa: S608
    return int(done.rpartition(" ")[2])
