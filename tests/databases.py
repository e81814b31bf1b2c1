"""Databases for tests: migrated once for each service and server, copied from there."""

import asyncio
from collections import defaultdict
from uuid import uuid4

import asyncpg

from kit import migrate

_templates: set[str] = set()
_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)


async def new_database(server: str, service: str) -> str:
    """Make a database with the tables of `service` on `server`; return its URL.

    A copy takes a tenth of the time of a migration. Its outbox counts from a random number: NATS drops a second event
    of the same number, and several databases share one NATS.
    """
    template = await _template(server, service)
    name = f"{service}_{uuid4().hex}"
    async with _locks[template]:  # PostgreSQL refuses to copy a database that another session is copying
        await _execute(f"{server}/postgres", f"create database {name} template {template}")
    await _execute(f"{server}/{name}", f"alter table outbox alter column id restart with {uuid4().int >> 70}")
    return f"{server}/{name}"


async def drop_database(url: str) -> None:
    """Drop the database, and end the sessions that are still on it."""
    server, _, name = url.rpartition("/")
    await _execute(f"{server}/postgres", f"drop database {name} with (force)")


async def _template(server: str, service: str) -> str:
    name, url = f"template_{service}", f"{server}/template_{service}"
    async with _locks[url]:
        if url not in _templates:
            await asyncio.to_thread(migrate.upgrade, url, service)
            _templates.add(url)
    return name


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
