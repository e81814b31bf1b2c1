"""One PostgreSQL database per service: a unit of work for `store/`, and raw connections for its hot paths."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, override
from weakref import WeakSet

import asyncpg
from prometheus_client import Gauge, Histogram
from sqlalchemy import AsyncAdaptedQueuePool, PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import sealed, telemetry
from kit.schema import service_url
from kit.sealing import NO_KEYS, SealingKeys

IN_USE = Gauge("apricot_database_connections_in_use", "Connections that work.")
LIMIT = Gauge("apricot_database_connections_limit", "Connections that may work at a time.")
WAIT = Histogram(
    "apricot_database_wait_seconds",
    "Wait for a connection of the pool.",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10),
)

_NOT_IN_REPERTOIRE = "22021"


def is_unstorable_text(error: Exception) -> bool:
    """Whether a text was refused that PostgreSQL cannot hold: one with the character U+0000."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) == _NOT_IN_REPERTOIRE


async def raw_connection(session: AsyncSession) -> asyncpg.Connection:
    """The connection of a session that has begun its work, for statements where the ORM's cost shows."""
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection


class _Pool(AsyncAdaptedQueuePool):
    @override
    def connect(self) -> PoolProxiedConnection:
        with WAIT.time():
            return super().connect()


def open_engine(url: str, **options: Any) -> AsyncEngine:
    """SQLAlchemy's engine. The driver itself reads the URL: it knows libpq's parameters, TLS among them."""
    return create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), **options)


class Database:
    """A service's database."""

    def __init__(self, database_url: str, service: str, sealing: SealingKeys = NO_KEYS, *, pool_size: int = 10) -> None:
        self.url = service_url(database_url, service)
        self.sealing = sealing
        """The keys of its sealed columns, for statements that go past the ORM."""
        self._pool_size = pool_size
        self._engine = open_engine(
            self.url,
            poolclass=_Pool,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=True,  # after an outage the next call finds a live connection, not a dead one
            hide_parameters=True,  # an error that is logged must not show a patient's data
        )
        sealed.bind(self._engine, sealing)
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        _open.add(self)

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
            began = time.perf_counter()
            async with (await self._open_pool()).acquire(timeout=10) as connection:
                WAIT.observe(time.perf_counter() - began)
                yield connection

    @property
    def connections_in_use(self) -> int:
        """Of both pools."""
        engine_pool = self._engine.pool
        assert isinstance(engine_pool, AsyncAdaptedQueuePool)  # noqa: S101  as made above
        raw = self._pool.get_size() - self._pool.get_idle_size() if self._pool else 0
        return engine_pool.checkedout() + raw

    @property
    def connections_limit(self) -> int:
        """Of both pools."""
        return 2 * self._pool_size

    async def _open_pool(self) -> asyncpg.Pool:
        if self._pool is None:
            async with self._opening:
                self._pool = self._pool or await asyncpg.create_pool(
                    self.url, min_size=1, max_size=self._pool_size, timeout=10, command_timeout=30, reset=_keep_as_is
                )
        return self._pool

    async def close(self) -> None:
        """Close every connection."""
        _open.discard(self)
        await self._engine.dispose()
        if self._pool is not None:
            await self._pool.close()


async def _keep_as_is(_: asyncpg.Connection) -> None:
    """No statement of ours leaves a mark on its connection, so handing one back costs no round trip."""


_open: WeakSet[Database] = WeakSet()
IN_USE.set_function(lambda: sum(each.connections_in_use for each in _open))
LIMIT.set_function(lambda: sum(each.connections_limit for each in _open))
