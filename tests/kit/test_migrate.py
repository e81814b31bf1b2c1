"""A migration beside the old version of a service."""

import asyncio
import os
import sys
from uuid import uuid4

import asyncpg

from kit import migrate
from kit.schema import newest, revision
from stack.platform import Platform
from tests.kit.running import until
from tests.patience import PATIENCE


async def test_a_table_in_use_is_tried_again_and_nobody_waits_behind(parts: Platform) -> None:
    url = f"{parts.database_url}/locks_{uuid4().hex}"
    await asyncio.to_thread(migrate.upgrade, url, "glucose", "0001")
    reader, other = await asyncpg.connect(url), await asyncpg.connect(url)
    reading = reader.transaction()
    await reading.start()
    await reader.execute("lock table entry in access share mode")
    migrating = asyncio.create_task(asyncio.to_thread(migrate.upgrade, url, "glucose", lock_seconds=0.2))

    async def waits() -> bool:
        return bool(await other.fetchval("select count(*) from pg_locks where not granted"))

    await until(waits)
    assert await other.fetchval("select count(*) from entry", timeout=PATIENCE) == 0
    assert await revision(url) == "0001"
    assert not migrating.done()
    await reading.rollback()
    await migrating
    assert await revision(url) == newest("glucose")
    await reader.close()
    await other.close()


async def test_two_at_once_are_one_after_the_other(parts: Platform) -> None:
    url = f"{parts.database_url}/twice_{uuid4().hex}"
    command = sys.executable, "-m", "kit.migrate", "identity"
    told = os.environ | {"APRICOT_DATABASE_URL": url, "APRICOT_ROLE_PASSWORDS": '{"identity": "own"}'}
    both = [await asyncio.create_subprocess_exec(*command, env=told) for _ in range(2)]
    assert [await one.wait() for one in both] == [0, 0]
    assert await revision(url) == newest("identity")
