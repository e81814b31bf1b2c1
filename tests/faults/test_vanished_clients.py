"""Clients that go without a word."""

import asyncio
import sys

from stack.platform import Platform
from tests.faults.load import until
from tests.faults.metrics import watchers
from tests.people import People


async def test_a_killed_client_leaves_no_watcher_behind(wounded: Platform, folk: People) -> None:
    patient = await folk.patient()
    before = await watchers(wounded)
    address = wounded.gateway_address.removeprefix("http://")
    arguments = address, await patient.token(), patient.account_id
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.watcher", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert client.stdout is not None
    try:
        assert await client.stdout.readline() == b"watching\n"
        assert await watchers(wounded) == before + 1
    finally:
        client.kill()
        await client.wait()

    async def gone() -> bool:
        return await watchers(wounded) == before

    await until(gone)
