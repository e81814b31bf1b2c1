"""Every table names how long its rows are kept, and what is to be kept the real databases refuse to delete."""

# ruff: noqa: S608  names of our own
import asyncio
from collections.abc import AsyncIterator
from importlib import import_module

import asyncpg
import pytest
from alembic import command
from sqlmodel import SQLModel

from kit import migrate
from kit.database import Database
from kit.housekeeping import keep_house
from kit.retention import KEPT_SQLSTATE, Retention
from kit.schema import versions
from services.pharmacy.store.job_tables import TemperatureRow
from stack.platform import Platform
from stack.testing import temporary_platform
from tests.in_process import KEYS
from tests.kit.running import running, until

SERVICES = ("identity", "glucose", "consult", "pharmacy")
MAPPED = [
    (service, table)
    for service in SERVICES
    for table in vars(import_module(f"services.{service}.store.tables")).values()
    if isinstance(table, type) and issubclass(table, SQLModel) and table is not SQLModel
]
TABLES = [pytest.param(service, table, id=f"{service}-{table.__tablename__}") for service, table in MAPPED]
ANY = {
    "uuid": "gen_random_uuid()",
    "timestamp with time zone": "now()",
    "date": "current_date",
    "text": "gen_random_uuid()::text",
    "character varying": "gen_random_uuid()::text",
    "bytea": "'x'::bytea",
    "boolean": "false",
    "ARRAY": "'{}'",
    "jsonb": "'{}'",
    "tsvector": "''::tsvector",
    "polygon": "'((0,0),(1,0),(1,1))'",
}
"""By type; everything else is a number."""
FITTING = {
    ("seat", "number"): "1",
    ("member", "role"): "1",
    ("care_grant", "account_id"): "gen_random_uuid()",
    ("payment", "refunded_minor"): "0",
    ("photo", "meal_ids"): "array[gen_random_uuid()]",
    ("appointment", "end_time"): "now() + interval '1 hour'",
    ("slot", "end_time"): "now() + interval '1 hour'",
    ("waiting_entry", "end_time"): "now() + interval '1 hour'",
}
"""What a table's checks want of a column."""


@pytest.fixture(scope="module")
async def databases() -> AsyncIterator[dict[str, str]]:
    """Each service's, without any service at work."""
    async with temporary_platform(("postgres",)) as platform:
        yield {service: await _migrated(platform, service) for service in SERVICES}


async def _migrated(platform: Platform, service: str) -> str:
    url = f"{platform.database_url}/retained_{service}"
    await asyncio.to_thread(migrate.upgrade, url, service)
    return url


def retention_of(table: type[SQLModel]) -> Retention:
    found = vars(table).get("__retention__")
    assert isinstance(found, Retention), f"{table.__name__} names no retention"
    return found


@pytest.mark.parametrize(("service", "table"), TABLES)
def test_a_table_names_its_retention_and_columns_that_it_has(service: str, table: type[SQLModel]) -> None:
    retention = retention_of(table)
    assert not retention.since or retention.since in table.model_fields
    assert bool(retention.keep or retention.goes_after) >= bool(retention.since)


async def test_no_table_is_left_out(databases: dict[str, str]) -> None:
    for service, url in databases.items():
        connection = await asyncpg.connect(url)
        rows = await connection.fetch(
            "select relname from pg_class where relkind in ('r', 'p') and not relispartition"
            " and relnamespace = 'public'::regnamespace and relname <> 'alembic_version'"
        )
        await connection.close()
        assert {row["relname"] for row in rows} == {table.__tablename__ for of, table in MAPPED if of == service}


@pytest.mark.parametrize(("service", "table"), TABLES)
async def test_what_is_kept_is_not_deleted_before_its_time(
    databases: dict[str, str], service: str, table: type[SQLModel]
) -> None:
    retention, name = retention_of(table), str(table.__tablename__)
    connection = await asyncpg.connect(databases[service])
    try:
        await _add(connection, name)
        if retention.keep:
            assert await _refusal(connection, f"delete from {name}") == KEPT_SQLSTATE
            assert await _refusal(connection, f"truncate {name} cascade") == KEPT_SQLSTATE
        else:
            assert await _refusal(connection, f"delete from {name}") is None
        await _empty(connection, name)
        if retention.keep and retention.since:
            await _add(connection, name, retention.since, f"{retention.keep} -1 hours")
            assert await _refusal(connection, f"delete from {name}") == KEPT_SQLSTATE
            await _empty(connection, name)
            await _add(connection, name, retention.since, f"{retention.keep} 1 hours")
            assert await _refusal(connection, f"delete from {name}") is None
    finally:
        await _empty(connection, name)
        await connection.close()


async def test_the_guards_can_be_taken_away_and_put_back(databases: dict[str, str]) -> None:
    for service, url in databases.items():
        revisions = sorted(path.name[:4] for path in versions(service).glob("[0-9]*.py"))
        settings = migrate.config(url, service)
        del settings.attributes["models"]  # they would be compared with other services' too
        [retention] = [path.name[:4] for path in versions(service).glob("*_retention.py")]
        before = revisions[revisions.index(retention) - 1]
        await asyncio.to_thread(command.downgrade, settings, before)
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("select count(*) from pg_proc where proname = 'refuse_early_end'") == 0
        await connection.close()
        await asyncio.to_thread(command.upgrade, settings, "head")


async def test_what_may_go_goes_when_its_time_is_over(databases: dict[str, str]) -> None:
    database = Database(databases["pharmacy"], "pharmacy", KEYS)
    async with database.connection() as connection:
        await _add(connection, "delivery_temperature")
        await _add(connection, "delivery_temperature", "create_time", "5 years 2 days")

    async def one_is_left() -> bool:
        async with database.connection() as connection:
            return bool(await connection.fetchval("select count(*) = 1 from delivery_temperature"))

    assert not await one_is_left()
    async with running(keep_house(database, TemperatureRow)):
        await until(one_is_left)
    await database.close()


async def _add(connection: asyncpg.Connection, table: str, since: str = "", age: str = "") -> None:
    """A row, whatever it is about: no other row and no trigger is asked; one column may lie so far back."""
    columns = await connection.fetch(
        "select column_name as name, data_type as type from information_schema.columns where table_name = $1 and"
        " is_generated = 'NEVER' and is_identity = 'NO' and table_schema = 'public' and (is_nullable = 'NO' or"
        " (table_name, column_name) = any(select unnest($2::text[]), unnest($3::text[])))",
        table,
        [of for of, _ in FITTING],
        [name for _, name in FITTING],
    )
    values = {row["name"]: FITTING.get((table, row["name"]), ANY.get(row["type"], "1")) for row in columns}
    if since:
        values[since] = f"now() - interval '{age}'"
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(f"insert into {table} ({', '.join(values)}) values ({', '.join(values.values())})")


async def _empty(connection: asyncpg.Connection, table: str) -> None:
    """As the database's owner can."""
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(f"delete from {table}")


async def _refusal(connection: asyncpg.Connection, statement: str) -> str | None:
    """The SQLSTATE with which it is refused; None: it passed."""
    try:
        await connection.execute(statement)
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)
    return None
