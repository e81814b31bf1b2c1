"""What is sealed is named as it lies, can be walked, and is sealed anew by whatever refuses every other change."""

# ruff: noqa: S608  names of our own
from importlib import import_module
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Table
from sqlmodel import SQLModel

from kit.resealing import sealed_columns
from kit.sealed import SealedText
from tests.conventions.mapped import MAPPED, add, empty

SEALED = [
    pytest.param(service, table, id=f"{service}-{table.__tablename__}")
    for service, table in MAPPED
    if sealed_columns(vars(table)["__table__"])
]
OTHER = {
    "timestamp with time zone": "now() + interval '1 day'",
    "date": "current_date + 1",
    "uuid": "gen_random_uuid()",
    "text": "gen_random_uuid()::text",
    "character varying": "gen_random_uuid()::text",
    "bytea": "'other'::bytea",
    "boolean": "true",
    "ARRAY": "array_append({}, null)",
    "jsonb": """'{{"other": 1}}'""",
}
"""By type, another value than the one that is there; everything else is a number."""


@pytest.mark.parametrize(("service", "table"), SEALED)
def test_a_sealed_column_is_named_as_it_lies(service: str, table: type[SQLModel]) -> None:
    found: Table = vars(table)["__table__"]
    for name, column in sealed_columns(found).items():
        assert column.column == f"{found.name}.{name}"


@pytest.mark.parametrize(("service", "table"), SEALED)
def test_the_walk_finds_it_and_can_go_on_behind_any_row(service: str, table: type[SQLModel]) -> None:
    assert table.__name__ in import_module(f"services.{service}.store.tables").__all__
    assert {column.type.python_type for column in vars(table)["__table__"].primary_key} <= {UUID, int, str}


@pytest.mark.parametrize(("service", "table"), SEALED)
async def test_the_seal_may_change_and_with_it_nothing_that_may_not(
    databases: dict[str, str], service: str, table: type[SQLModel]
) -> None:
    found: Table = vars(table)["__table__"]
    seals = {
        name: "'sealed anew'" + ("" if isinstance(column, SealedText) else "::bytea")
        for name, column in sealed_columns(found).items()
    }
    connection = await asyncpg.connect(databases[service])
    try:
        await add(connection, found.name)
        for name, value in seals.items():
            seal = f"update {found.name} set {name} = {value}"
            assert await _refusal(connection, seal, resealing=True) is None, name
            for other, change in (await _changes(connection, found.name, seals)).items():
                alone = await _refusal(connection, f"update {found.name} set {change}", resealing=False)
                if alone is not None:
                    assert await _refusal(connection, f"{seal}, {change}", resealing=True) == alone, other
    finally:
        await empty(connection, found.name)
        await connection.close()


async def _refusal(connection: asyncpg.Connection, statement: str, *, resealing: bool) -> str | None:
    """The SQLSTATE with which a change of the row is refused, as a walk makes it or anybody; None: it passed."""
    change = connection.transaction()
    await change.start()
    await connection.execute(f"set local apricot.resealing = '{'on' if resealing else 'off'}'")
    try:
        assert await connection.execute(statement) == "UPDATE 1"
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)
    finally:
        await change.rollback()
    return None


async def _changes(connection: asyncpg.Connection, table: str, seals: dict[str, str]) -> dict[str, str]:
    """A change of each column that is not sealed."""
    columns = await connection.fetch(
        "select column_name as name, data_type as type from information_schema.columns where table_name = $1 and"
        " is_generated = 'NEVER' and is_identity = 'NO' and table_schema = 'public' and column_name <> all($2)",
        table,
        list(seals),
    )
    return {row["name"]: f"{row['name']} = {OTHER.get(row['type'], '2').format(row['name'])}" for row in columns}
