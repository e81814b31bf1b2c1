"""The migrations make the tables that the code knows."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

from kit.database import Database
from services.pharmacy.store import tables

_ROWS = [getattr(tables, name) for name in tables.__all__]
TABLES = {row.__tablename__ for row in _ROWS if row.__module__.startswith("services.pharmacy")}


async def test_the_migrations_make_the_tables_that_the_code_knows(pharmacy_database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        def included(name: str | None, kind: str, _: object) -> bool:
            return kind != "table" or name in TABLES

        options = {
            "include_name": included,
            "include_object": lambda thing, name, kind, *_: included(name, kind, thing),
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata))

    async with pharmacy_database.transaction() as session:
        assert await (await session.connection()).run_sync(differences) == []
