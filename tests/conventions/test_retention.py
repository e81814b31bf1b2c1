"""Every table names how long its rows are kept, and what is to be kept the real databases refuse to delete."""

# ruff: noqa: S608  names of our own
import asyncio

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
from tests.conventions.mapped import MAPPED, TABLES, add, empty, refusal
from tests.in_process import KEYS
from tests.kit.running import running, until


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
        await add(connection, name)
        if retention.keep:
            assert await refusal(connection, f"delete from {name}") == KEPT_SQLSTATE
            assert await refusal(connection, f"truncate {name} cascade") == KEPT_SQLSTATE
        else:
            assert await refusal(connection, f"delete from {name}") is None
        await empty(connection, name)
        if retention.keep and retention.since:
            await add(connection, name, retention.since, f"{retention.keep} -1 hours")
            assert await refusal(connection, f"delete from {name}") == KEPT_SQLSTATE
            await empty(connection, name)
            await add(connection, name, retention.since, f"{retention.keep} 1 hours")
            assert await refusal(connection, f"delete from {name}") is None
    finally:
        await empty(connection, name)
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
        await add(connection, "delivery_temperature")
        await add(connection, "delivery_temperature", "create_time", "5 years 2 days")

    async def one_is_left() -> bool:
        async with database.connection() as connection:
            return bool(await connection.fetchval("select count(*) = 1 from delivery_temperature"))

    assert not await one_is_left()
    async with running(keep_house(database, TemperatureRow)):
        await until(one_is_left)
    await database.close()
