"""Rights in PostgreSQL: each service has a role, which reads and writes the service's own database and nothing else.

The migration's role owns every database and every table; a service's role owns nothing, so that it can neither change a
table nor switch a trigger off (ADR 0024).
"""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

import asyncpg

_LOCK = 4_871_206  # of whoever changes roles or rights: PostgreSQL refuses two at a time
_GRANTS = (
    "revoke all on database {database} from public",
    "grant connect on database {database} to {role}",
    "revoke create on schema public from public",
    "grant usage on schema public to {role}",
    "grant select, insert, update, delete on all tables in schema public to {role}",
    "grant usage on all sequences in schema public to {role}",
    # A service starts as soon as it sees the revision that it waits for: the rights are there with the table.
    "alter default privileges in schema public grant select, insert, update, delete on tables to {role}",
    "alter default privileges in schema public grant usage on sequences to {role}",
)
_NO_REVISION = """
    do $$ begin
        if to_regclass('public.alembic_version') is not null then
            revoke insert, update, delete on alembic_version from {role};
        end if;
    end $$
"""


class RoleMissingError(Exception):
    """A service has no role on this server."""


def role_of(service: str) -> str:
    """Return the name of a service's role."""
    return f"apricot_{service}"


async def make_roles(database_url: str, passwords: Mapping[str, str]) -> None:
    """Make the role of each service, or set its password and take away what a role of a service must not have.

    Raise `asyncpg.InsufficientPrivilegeError` when the URL's user may not make roles.
    """
    connection = await asyncpg.connect(urlunsplit(urlsplit(database_url)._replace(path="/postgres")), timeout=10)
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
            for service, password in passwords.items():
                act = "alter" if await _has_role(connection, service) else "create"
                rights = "login nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
                secret = await connection.fetchval("select quote_literal($1)", password)
                await connection.execute(f"{act} role {role_of(service)} {rights} password {secret}")
    finally:
        await connection.close()


async def grant(url: str, service: str) -> None:
    """Give a service's role its database, and take the database from everybody else. Idempotent; by the owner.

    Raise `RoleMissingError`.
    """
    connection = await asyncpg.connect(url, timeout=10)
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
            if not await _has_role(connection, service):
                raise RoleMissingError(f"there is no role {role_of(service)}")
            database = await connection.fetchval("select quote_ident(current_database())")
            for statement in (*_GRANTS, _NO_REVISION):
                await connection.execute(statement.format(database=database, role=role_of(service)))
    finally:
        await connection.close()


async def _has_role(connection: asyncpg.Connection, service: str) -> bool:
    return bool(await connection.fetchval("select true from pg_roles where rolname = $1", role_of(service)))
