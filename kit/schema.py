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
_NO_RIGHTS = (asyncpg.InsufficientPrivilegeError,)
"""The service's role has no rights yet: the migration gives them."""
_REFUSED = (asyncpg.InvalidAuthorizationSpecificationError,)
"""PostgreSQL takes no connection of this role: its password is another one, or it is not made yet."""
_TRIES_PER_LINE = 300
"""A refusal is said at once, and again every half minute."""


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
    wanted, tries = newest(service), 0
    while not await _has(url, wanted, says=tries % _TRIES_PER_LINE == 0):
        if not tries:
            log.info("waiting for the database's tables", revision=wanted)
        tries += 1
        await asyncio.sleep(_PAUSE_SECONDS)


async def _has(url: str, wanted: str, *, says: bool) -> bool:
    try:
        return await revision(url) >= wanted
    except _REFUSED as error:
        if says:
            log.error(
                "database_role_refused",
                role=urlsplit(url).username or "",
                error=type(error).__name__,
                runbook="docs/runbooks/rotate-secrets.md",
            )
        return False
    except (*_AWAY, *_NO_RIGHTS) as error:
        log.debug("database_unavailable", error=type(error).__name__)
        return False
