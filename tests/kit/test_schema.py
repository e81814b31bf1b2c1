"""A service waits for the tables that its code knows, however long the migration takes."""

import asyncio
from uuid import uuid4

from kit import migrate
from kit.schema import newest, revision, wait_for_tables
from stack.platform import Platform
from tests.patience import PATIENCE


async def test_it_waits_until_the_migration_is_done(parts: Platform) -> None:
    url = f"{parts.database_url}/tables_{uuid4().hex}"
    waiting = asyncio.create_task(wait_for_tables(url, "identity"))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    assert await revision(url) == ""
    await asyncio.to_thread(migrate.upgrade, url, "identity")
    async with asyncio.timeout(PATIENCE):
        await waiting
    assert await revision(url) == newest("identity")
    await asyncio.to_thread(migrate.upgrade, url, "identity")  # once more changes nothing


async def test_it_waits_for_a_database_that_is_not_there_yet(parts: Platform) -> None:
    waiting = asyncio.create_task(wait_for_tables("postgresql://nobody:none@127.0.0.1:1/x", "identity"))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    waiting.cancel()
