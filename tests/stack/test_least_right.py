"""Each service holds credentials of its own, and they open nothing that is another's."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from kit.rights import grant, make_roles, role_of
from kit.schema import service_url
from stack.platform import Platform
from stack.services import SERVICES
from stack.testing import temporary_platform

OTHERS = [(service, other) for service in SERVICES for other in SERVICES if other != service]


@pytest.fixture(scope="module")
async def engines() -> AsyncIterator[Platform]:
    """Engines with each service's role and database, made as a migration makes them; a table stands for all tables."""
    async with temporary_platform(("postgres", "nats")) as platform:
        await make_roles(platform.database_url, platform.state.secrets().role_passwords)
        connection = await asyncpg.connect(f"{platform.database_url}/postgres")
        for service in SERVICES:
            await connection.execute(f"create database apricot_{service}")
            url = service_url(platform.database_url, service)
            await _fill(url, "alembic_version")  # a state of before the roles
            await grant(url, service)
            await _fill(url, "outbox")  # a table to come
        await connection.close()
        yield platform


async def _fill(url: str, table: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"create table {table} (id bigserial primary key, version_num text)")
    await connection.close()


@pytest.fixture(params=SERVICES)
async def own(engines: Platform, request: pytest.FixtureRequest) -> AsyncIterator[asyncpg.Connection]:
    """A connection by a service's credentials to the service's database."""
    connection = await asyncpg.connect(database_url(engines, request.param))
    yield connection
    await connection.close()


def database_url(engines: Platform, service: str, of: str = "") -> str:
    """Return the URL by which a service would reach a database; by default its own."""
    return service_url(engines.plan.credentials(service)["APRICOT_DATABASE_URL"], of or service)


async def test_role_reads_and_writes_its_own_tables(own: asyncpg.Connection) -> None:
    await own.execute("insert into outbox (version_num) values ('1')")
    await own.execute("update outbox set version_num = '2'")
    assert await own.fetchval("select count(*) from outbox") == 1
    await own.execute("delete from outbox")
    assert await own.fetchval("select count(*) from alembic_version") == 0


@pytest.mark.parametrize(("service", "other"), OTHERS)
async def test_role_cannot_connect_to_anothers_database(engines: Platform, service: str, other: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(database_url(engines, service, of=other))


async def test_role_owns_and_administers_nothing(own: asyncpg.Connection) -> None:
    assert not await own.fetchval("select count(*) from pg_class where relowner = current_user::regrole")
    assert not await own.fetchval(
        "select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls "
        "from pg_roles where rolname = current_user"
    )
    assert not await own.fetchval("select count(*) from pg_auth_members where member = current_user::regrole")


@pytest.mark.parametrize(
    "statement",
    [
        "create table own_table (id int)",
        "alter table outbox disable trigger all",
        "drop table outbox",
        "truncate outbox",
        "update alembic_version set version_num = '0000'",
        "create temporary table aside (id int)",
        "create schema aside",
        "create role another",
        "alter role current_user superuser",
        "set role apricot",
        "set session_replication_role = 'replica'",
        "copy outbox to program 'true'",
        "select pg_read_file('/etc/hostname')",
    ],
)
async def test_role_cannot_change_tables_or_server(own: asyncpg.Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await own.execute(statement)


async def test_making_roles_again_takes_excess_rights_away(engines: Platform) -> None:
    connection = await asyncpg.connect(f"{engines.database_url}/postgres")
    await connection.execute(f"alter role {role_of('glucose')} superuser createdb")
    await make_roles(engines.database_url, engines.state.secrets().role_passwords)
    rights = "select rolsuper or rolcreatedb from pg_roles where rolname = $1"
    assert not await connection.fetchval(rights, role_of("glucose"))
    await connection.close()
