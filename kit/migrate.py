"""Databases made and brought up to date: `python -m kit.migrate identity glucose`.

Each service keeps its Alembic revisions in `services/<service>/store/migrations/versions`. The kit's own tables
(outbox, inbox, answered requests) are part of each service's first revision.
"""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import structlog

from kit.schema import newest, revision, service_url, versions

if TYPE_CHECKING:
    from alembic.config import Config

log = structlog.get_logger()

LOCK_SECONDS = 2.0
"""How long a migration, and whoever comes after it, waits for a table that is in use."""

_TRIES = 100
_PAUSE_SECONDS = 1.0
_LATER = {"55P03", "40P01"}
"""PostgreSQL's codes: a lock could not be had; a deadlock."""


def upgrade(database_url: str, service: str, to: str = "head", lock_seconds: float = LOCK_SECONDS) -> None:
    """Make the service's database when it is not there, and bring it to the newest revision, or another one.

    The old version of the service may be at work: a table that is in use is waited for only so long, since everybody
    else would wait behind us, and then tried again.
    """
    url = service_url(database_url, service)
    if asyncio.run(_has_newest(url, service)):
        return
    from alembic import command  # takes a second, which a database that is up to date need not wait for
    from sqlalchemy.exc import DBAPIError

    settings = config(url, service)
    del settings.attributes["models"]  # for whoever compares with them
    settings.attributes["lock_seconds"] = lock_seconds
    for left in reversed(range(_TRIES)):
        try:
            command.upgrade(settings, to)
            return
        except DBAPIError as error:
            if not left or getattr(error.orig, "sqlstate", None) not in _LATER:
                raise
            log.info("a table is in use, tried again", service=service)
            time.sleep(_PAUSE_SECONDS)


def config(url: str, service: str) -> "Config":
    """Alembic's configuration for one service; its `env.py` is shared."""
    from alembic.config import Config

    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "alembic"))
    found.set_main_option("version_locations", str(versions(service)))
    found.set_main_option("path_separator", "newline")
    found.attributes["url"] = url
    found.attributes["models"] = f"services.{service}.store.tables"
    return found


async def _has_newest(url: str, service: str) -> bool:
    """Make the database where there is none. Whether there is nothing to do."""
    await _create(url)
    return await revision(url) == newest(service)


async def _create(url: str) -> None:
    parts = urlsplit(url)
    name = parts.path.removeprefix("/")
    connection = await asyncpg.connect(urlunsplit(parts._replace(path="/postgres")), timeout=10)
    try:
        if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
            await connection.execute(f'create database "{name}"')
    except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
        pass  # somebody else made it meanwhile
    finally:
        await connection.close()


if __name__ == "__main__":
    for each in sys.argv[1:]:
        upgrade(os.environ["APRICOT_DATABASE_URL"], each)
