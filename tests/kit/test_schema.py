"""A service waits for the tables that its code knows, however long the migration takes."""

import asyncio
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import structlog

from kit import migrate, schema
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


async def test_refused_role_is_said_at_once_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until somebody sets the password right; then it goes on by itself."""
    tries = 0

    async def connect(url: str) -> str:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise asyncpg.InvalidPasswordError("password authentication failed")
        return newest("identity")

    monkeypatch.setattr(schema, "revision", connect)
    with structlog.testing.capture_logs() as logs:
        await wait_for_tables("postgresql://apricot_identity:secret@localhost/apricot_identity", "identity")
    [told] = [line for line in logs if line["event"] == "database_role_refused"]
    assert told["log_level"] == "error"
    assert told["role"] == "apricot_identity"
    assert Path(told["runbook"]).exists()
    assert "secret@" not in str(logs)
