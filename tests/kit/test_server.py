"""A background task that fails ends the process, for whoever watches it to start it again."""

import asyncio
import sys

import grpc

from stack.ports import Ports
from tests.kit.running import PATIENCE


async def test_a_failed_task_ends_the_process_though_a_stream_is_open() -> None:
    ports = Ports()
    grpc_port, http_port = ports.choose(), ports.choose()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kit.dying", str(grpc_port), str(http_port)),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{grpc_port}") as channel:
            method: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(
                "/grpc.health.v1.Health/Watch"
            )
            watch = method(b"", wait_for_ready=True)
            async with asyncio.timeout(PATIENCE):
                await watch.read()
                _, said = await process.communicate(b"\n")
            watch.cancel()
        assert process.returncode == 1
        assert b"RuntimeError: unexpected" in said
    finally:
        if process.returncode is None:
            process.kill()
        ports.release()
