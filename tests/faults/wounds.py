"""What is killed in the middle of a step, and how the middle is found: by holding what the step has to write."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg

from kit.schema import service_url
from stack.platform import Platform
from tests.faults.errand import Errand, Step
from tests.faults.load import until

VICTIMS = [("pharmacy-1", "pharmacy-2"), ("pharmacy-worker",), ("postgres",), ("nats",), ("cashier",)]
WRITTEN = "order_step", "review", "delivery_job", "order_rating"
"""One of these tables is written by whoever moves an order, a review or a job, or rates."""
IN_THE_MIDDLE = f"lock table {', '.join(WRITTEN)} in share mode"
AT_COMMIT = "select pg_advisory_xact_lock(20261127)"
"""Where `commits_can_be_held`. What is held there is done once it is let go, though who asked for it is dead."""
_WAITING = "select count(*) from pg_stat_activity where $1 = any(pg_blocking_pids(pid))"
_WAIT_AT_COMMIT = """
create function wait_at_commit() returns trigger language plpgsql as
$$ begin perform pg_advisory_xact_lock_shared(20261127); return null; end $$;
"""
_WAITS_AT_COMMIT = """
create constraint trigger wait_at_commit after insert or update on {} deferrable initially deferred
for each row execute function wait_at_commit();
"""


async def interrupted(errand: Errand, step: Step, victims: Sequence[str]) -> None:
    """The step, with the victims killed while its transaction waits for a row that we hold."""
    lot, order = UUID(errand.product_id), errand.order.order_id
    if order:
        wanted = "select from medicine_order where order_id = $1 for update", UUID(order)
    else:
        wanted = "select from stock_lot where product_id = $1 for update", lot
    platform = errand.market.platform
    async with held(platform, *wanted) as waiting:
        task = asyncio.create_task(step(errand))
        await until(lambda: _somebody(waiting))
        await wound(platform, victims)
    await task


async def all_interrupted(errands: Sequence[Errand], steps: Sequence[Step], victims: Sequence[str], hold: str) -> None:
    """Each errand's step, with the victims killed while all of them wait at the same point."""
    platform = errands[0].market.platform
    async with held(platform, hold) as waiting:
        tasks = [asyncio.create_task(step(errand)) for errand, step in zip(errands, steps, strict=True)]

        async def all_wait() -> bool:
            for task in tasks:
                if task.done():
                    task.result()
            return await waiting() == len(tasks)

        await until(all_wait)
        await wound(platform, victims)
    await asyncio.gather(*tasks)


async def wound(platform: Platform, victims: Sequence[str]) -> None:
    """Killed, and there again."""
    for victim in victims:
        platform.part(victim).kill()
    for victim in victims:
        await platform.part(victim).wait_ready()


@asynccontextmanager
async def commits_can_be_held(platform: Platform) -> AsyncIterator[None]:
    """Those of whoever writes one of the tables."""
    url = service_url(platform.database_url, "pharmacy")
    connection = await asyncpg.connect(url)
    await connection.execute(_WAIT_AT_COMMIT + "".join(map(_WAITS_AT_COMMIT.format, WRITTEN)))
    await connection.close()
    try:
        yield
    finally:
        connection = await asyncpg.connect(url)
        await connection.execute("drop function wait_at_commit cascade")
        await connection.close()


async def _somebody(waiting: Callable[[], Awaitable[int]]) -> bool:
    return await waiting() > 0


@asynccontextmanager
async def held(platform: Platform, statement: str, *values: UUID) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """What the statement locks; gives how many statements wait for it."""
    url = service_url(platform.database_url, "pharmacy")
    holding, looking = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        await holding.execute("begin")
        await holding.execute(statement, *values)
        holder = await holding.fetchval("select pg_backend_pid()")

        async def waiting() -> int:
            return int(await looking.fetchval(_WAITING, holder))

        yield waiting
    finally:
        for connection in holding, looking:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close()
