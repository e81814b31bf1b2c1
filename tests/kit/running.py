"""Background tasks of the kit, run for the length of a block."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from kit.bus import TICK_EVENT, Bus, Event
from kit.feed import replay_since
from tests.kit.conftest import Service
from tests.patience import PATIENCE


@asynccontextmanager
async def running(*coroutines: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """They may not end by themselves."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def until(condition: Callable[[], Awaitable[bool] | bool]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(PATIENCE):
        while not (found if isinstance(found := condition(), bool) else await found):
            await asyncio.sleep(0.01)


async def insert(service: Service, payloads: list[bytes], key: str = "k") -> None:
    """Events in the outbox, in one transaction."""
    async with service.database.connection() as connection:
        await connection.execute(
            "insert into outbox (subject, payload) select $1, * from unnest($2::bytea[])",
            f"apricot.{service.name}.thing.made.{key}",
            payloads,
        )


async def outbox_size(service: Service) -> int:
    async with service.database.connection() as connection:
        return int(await connection.fetchval("select count(*) from outbox"))


async def published(bus: Bus, name: str) -> list[Event]:
    """Every event of the stream but the ticks."""
    async with aclosing(replay_since(bus, name, datetime(2020, 1, 1, tzinfo=UTC))) as events:
        return [event async for event in events if event.kind != TICK_EVENT]
