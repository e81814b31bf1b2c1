"""A service's database: its URL, and which revision of its tables the service's code knows."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import structlog

log = structlog.get_logger()

_SERVICES = Path(__file__).parents[1] / "services"
_PAUSE_SECONDS = 0.1
_AWAY = (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError)
_NO_RIGHTS = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError)
"""The service's role is not made yet, or has no rights yet: the migration gives both."""


def service_url(database_url: str, service: str) -> str:
    """The URL of a service's own database: as given, or with `apricot_<service>` where it names none."""
    parts = urlsplit(database_url)
    return urlunsplit(parts._replace(path=parts.path if len(parts.path) > 1 else f"/apricot_{service}"))


def versions(service: str) -> Path:
    """Where a service's revisions lie, one file each, `NNNN_name.py`."""
    return _SERVICES / service / "store" / "migrations" / "versions"


def newest(service: str) -> str:
    """The revision that the service's code knows."""
    return max(path.name.partition("_")[0] for path in versions(service).glob("[0-9]*_*.py"))


async def revision(url: str) -> str:
    """The revision that a database has; empty: none. Errors: an outage."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except asyncpg.InvalidCatalogNameError:
        return ""
    try:
        return str(await connection.fetchval("select max(version_num) from alembic_version") or "")
    except asyncpg.UndefinedTableError:
        return ""
    finally:
        await connection.close()


async def wait_for_tables(url: str, service: str) -> None:
    """Until the database has at least the revision that the code knows: whoever migrates may still be at it."""
    wanted, said = newest(service), False
    while not await _has(url, wanted):
        if not said:
            log.info("waiting for the database's tables", revision=wanted)
            said = True
        await asyncio.sleep(_PAUSE_SECONDS)


async def _has(url: str, wanted: str) -> bool:
    try:
        return await revision(url) >= wanted
    except (*_AWAY, *_NO_RIGHTS) as error:
        log.debug("database_unavailable", error=type(error).__name__)
        return False
