"""One PostgreSQL database per service: a unit of work for `store/`, and raw connections for its hot paths."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import telemetry
from kit.schema import service_url

_NOT_IN_REPERTOIRE = "22021"


def is_unstorable_text(error: Exception) -> bool:
    """Whether a text was refused that PostgreSQL cannot hold: one with the character U+0000."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) == _NOT_IN_REPERTOIRE


async def raw_connection(session: AsyncSession) -> asyncpg.Connection:
    """The connection of a session that has begun its work, for statements where the ORM's cost shows."""
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection


def open_engine(url: str, **options: Any) -> AsyncEngine:
    """SQLAlchemy's engine. The driver itself reads the URL: it knows libpq's parameters, TLS among them."""
    return create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), **options)


class Database:
    """A service's database."""

    def __init__(self, database_url: str, service: str, pool_size: int = 10) -> None:
        self.url = service_url(database_url, service)
        self._pool_size = pool_size
        self._engine = open_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=True,  # after an outage the next call finds a live connection, not a dead one
            hide_parameters=True,  # an error that is logged must not show a patient's data
        )
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One unit of work: committed at the end of the block, rolled back when it raises."""
        with telemetry.step("database transaction"):
            async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
                yield session

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A raw connection, for statements where the ORM's cost shows."""
        with telemetry.step("database"):
            async with (await self._open_pool()).acquire(timeout=10) as connection:
                yield connection

    async def _open_pool(self) -> asyncpg.Pool:
        if self._pool is None:
            async with self._opening:
                self._pool = self._pool or await asyncpg.create_pool(
                    self.url, min_size=1, max_size=self._pool_size, timeout=10, command_timeout=30, reset=_keep_as_is
                )
        return self._pool

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
        if self._pool is not None:
            await self._pool.close()


async def _keep_as_is(_: asyncpg.Connection) -> None:
    """No statement of ours leaves a mark on its connection, so handing one back costs no round trip."""
