"""Alembic's environment, shared by all services."""

import asyncio
from importlib import import_module

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

from kit.database import open_engine

config = context.config
if "models" in config.attributes:
    import_module(config.attributes["models"])


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=SQLModel.metadata)
    with context.begin_transaction():
        context.execute("select pg_advisory_xact_lock(hashtext('apricot migrations'))")  # one at a time
        context.execute(f"set local lock_timeout = {round(config.attributes.get('lock_seconds', 2) * 1000)}")
        # What takes longer stops everybody whose table it holds; a revision that knows better says so itself.
        context.execute("set local statement_timeout = '60s'")
        context.run_migrations()


async def _run() -> None:
    engine = open_engine(config.attributes["url"])
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


asyncio.run(_run())
