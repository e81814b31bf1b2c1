"""One instant for all databases.

Each has a snapshot of its own, and two things go from one to another. Events: while the snapshots are taken no consumer
commits, so that no database knows of an event whose own database does not. Calls: a service that is called by others is
cut after them, so that what a caller wrote of an answer stands where it was answered. Writers wait for nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from kit.schema import service_url
from operations.postgres import connected
from operations.refusals import Reason, Refused

CALLERS_FIRST = "pharmacy", "consult", "glucose", "identity"
"""Who calls whom: the pharmacy consult and glucose, all of them identity."""

_REST_SECONDS = 15
"""How long the consumers' transactions under way may take."""

_KNOWN = """
    select id::bigint from unnest($1::bigint[]) as id
    where case
        when id::text::xid8 >= pg_snapshot_xmax(pg_current_snapshot()) then false
        when not pg_visible_in_snapshot(id::text::xid8, pg_current_snapshot()) then false
        else coalesce(pg_xact_status(id::text::xid8), 'committed') = 'committed'
    end
"""


@dataclass(frozen=True)
class Snapshot:
    """A database as it was at its instant, for as long as the connection's transaction is open."""

    url: str
    connection: asyncpg.Connection
    name: str
    """By which other connections share it."""
    time: datetime
    revision: str

    async def known(self, transactions: Collection[int]) -> set[int]:
        """Those of the transactions whose rows are in it; 0, which is none, among them."""
        rows = await self.connection.fetch(_KNOWN, list(transactions))
        return {row["id"] for row in rows}


@asynccontextmanager
async def cut(database_url: str) -> AsyncIterator[dict[str, Snapshot]]:
    """A snapshot of each service's database. Errors: NOT_MIGRATED, BUSY."""
    urls = {service: service_url(database_url, service) for service in CALLERS_FIRST}
    async with AsyncExitStack() as stack:
        try:
            guards = [await stack.enter_async_context(connected(url)) for url in urls.values()]
            connections = [await stack.enter_async_context(connected(url)) for url in urls.values()]
            try:
                await asyncio.gather(*map(_let_consumers_rest, guards))
                taken = [await _take(url, each) for url, each in zip(urls.values(), connections, strict=True)]
            finally:
                for guard in guards:
                    guard.terminate()
        except (asyncpg.InvalidCatalogNameError, asyncpg.UndefinedTableError) as error:
            raise Refused(Reason.NOT_MIGRATED, "a service's database is not there, or has no tables") from error
        except asyncpg.LockNotAvailableError as error:
            raise Refused(Reason.BUSY, f"consumers were at work for {_REST_SECONDS} seconds") from error
        yield dict(zip(urls, taken, strict=True))


async def _let_consumers_rest(guard: asyncpg.Connection) -> None:
    """A consumer's transaction begins by writing to its inbox: those that are there end, the next ones wait."""
    await guard.execute(f"set lock_timeout = '{_REST_SECONDS}s'")
    await guard.execute("begin")
    await guard.execute("lock table handled_event in share mode")


async def _take(url: str, connection: asyncpg.Connection) -> Snapshot:
    await connection.execute("begin isolation level repeatable read, read only")
    name, time = await connection.fetchrow("select pg_export_snapshot(), clock_timestamp()")
    revision = await connection.fetchval("select max(version_num) from alembic_version")
    return Snapshot(url, connection, name, time, str(revision or ""))
