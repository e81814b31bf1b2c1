"""The migration makes the tables that the code knows."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

from kit.database import Database
from services.glucose.store import plan_tables

TABLES = {table.__tablename__ for table in vars(plan_tables).values() if hasattr(table, "__tablename__")} - {"sqlmodel"}


async def test_the_migration_makes_the_tables_that_the_code_knows(plans_database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        def included(name: str | None, kind: str, _: object) -> bool:
            return kind != "table" or name in TABLES

        options = {
            "include_name": included,
            "include_object": lambda thing, name, kind, *_: included(name, kind, thing),
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata))

    async with plans_database.transaction() as session:
        assert await (await session.connection()).run_sync(differences) == []
    assert {"plan_revision", "plan_draft", "reminder"} == TABLES
