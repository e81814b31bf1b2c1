"""Runs a maker of files in a process of its own: what a damaged upload breaks is that process, and no service."""

import asyncio
import sys
from collections.abc import Sequence


def module(name: str) -> tuple[str, ...]:
    """Return the command that runs a module."""
    return sys.executable, "-W", "ignore", "-m", name


async def run_apart(command: Sequence[str], content: bytes, *, max_seconds: float) -> tuple[int | None, bytes]:
    """Give the bytes to a command; return its exit code and its output. Raise `TimeoutError` when it takes longer."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},  # the service's secrets are none of its business
    )
    try:
        async with asyncio.timeout(max_seconds):
            made, _ = await process.communicate(content)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, made
