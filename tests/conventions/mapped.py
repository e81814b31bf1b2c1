"""The tables of all services, and rows in the real ones that are about nothing."""

# ruff: noqa: S608  names of our own
from importlib import import_module

import asyncpg
import pytest
from sqlmodel import SQLModel

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


async def add(connection: asyncpg.Connection, table: str, since: str = "", age: str = "") -> None:
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


async def empty(connection: asyncpg.Connection, table: str) -> None:
    """As the database's owner can."""
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(f"delete from {table}")


async def refusal(connection: asyncpg.Connection, statement: str) -> str | None:
    """The SQLSTATE with which it is refused; None: it passed."""
    try:
        await connection.execute(statement)
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)
    return None
