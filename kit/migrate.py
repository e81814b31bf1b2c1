"""Make databases, upgrade them, and grant them to their services' roles: `python -m kit.migrate identity glucose`.

`APRICOT_DATABASE_URL` is the owner's. With `APRICOT_ROLE_PASSWORDS`, a JSON object of passwords by service, the roles
are made too; without it somebody else makes them, such as the operator of a cluster's PostgreSQL. With
`APRICOT_NATS_URL`, also an owner's, the services' streams are made (`kit.streams`).

Each service keeps its Alembic revisions in `services/<service>/store/migrations/versions`. The kit's own tables
(outbox, inbox, answered requests) are part of each service's first revision.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import structlog

from kit.rights import grant, make_roles
from kit.schema import newest, revision, service_url, versions
from kit.streams import StreamSettings, make_streams

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


def deliver(database_url: str, service: str) -> None:
    """Make a service's database, or bring it up to date, and give it to the service's role.

    Raise `kit.rights.RoleMissingError`.
    """
    url = service_url(database_url, service)
    asyncio.run(_create_and_grant(url, service))  # first: tables to come are the role's as soon as they are there
    upgrade(database_url, service)
    asyncio.run(grant(url, service))


async def _create_and_grant(url: str, service: str) -> None:
    await _create(url)
    await grant(url, service)


def main(services: Sequence[str], database_url: str, passwords: Mapping[str, str]) -> None:
    """Make roles, streams and databases."""
    if passwords:
        asyncio.run(make_roles(database_url, {service: passwords[service] for service in services}))
    streams = StreamSettings()
    if streams.nats_url:
        asyncio.run(make_streams(streams, services))
    for each in services:
        deliver(database_url, each)


if __name__ == "__main__":
    main(sys.argv[1:], os.environ["APRICOT_DATABASE_URL"], json.loads(os.environ.get("APRICOT_ROLE_PASSWORDS", "{}")))
