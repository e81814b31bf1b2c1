"""A background task that fails ends the process, for whoever watches it to start it again; one that ends is no life."""

import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator

import aiohttp
import grpc
import pytest

from stack.ports import Ports
from tests.kit.running import until
from tests.patience import PATIENCE


class Dying:
    """A service whose background task does what it is told."""

    def __init__(self, process: Process, grpc_port: int, http_port: int) -> None:
        self.process = process
        self.address = f"127.0.0.1:{grpc_port}"
        self._url = f"http://127.0.0.1:{http_port}"

    async def status(self, path: str) -> int:
        async with aiohttp.ClientSession(self._url) as http, http.get(path) as answer:
            return answer.status

    async def serves(self) -> bool:
        try:
            return await self.status("/readyz") == 200
        except aiohttp.ClientError:
            return False


@pytest.fixture
async def dying() -> AsyncIterator[Dying]:
    ports = Ports()
    grpc_port, http_port = ports.choose(), ports.choose()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kit.dying", str(grpc_port), str(http_port)),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    yield Dying(process, grpc_port, http_port)
    if process.returncode is None:
        process.kill()
        await process.wait()
    ports.release()


async def test_a_failed_task_ends_the_process_though_a_stream_is_open(dying: Dying) -> None:
    async with grpc.aio.insecure_channel(dying.address) as channel:
        method: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream("/grpc.health.v1.Health/Watch")
        watch = method(b"", wait_for_ready=True)
        async with asyncio.timeout(PATIENCE):
            await watch.read()
            _, said = await dying.process.communicate(b"\n")
        watch.cancel()
    assert dying.process.returncode == 1
    assert b"RuntimeError: unexpected" in said


async def test_a_task_that_ended_is_seen_from_outside(dying: Dying) -> None:
    await until(dying.serves)
    assert await dying.status("/livez") == 200
    assert dying.process.stdin is not None
    dying.process.stdin.write(b"end\n")

    async def dead() -> bool:
        return await dying.status("/livez") == 503

    await until(dead)
