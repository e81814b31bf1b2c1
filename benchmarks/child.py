"""A process of the bench's own: its job is a JSON line in, what it has to say JSON lines out, and it ends when its
input does."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from stack.account import launch


class Child:
    """Such a process, seen from the bench."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def read(self) -> dict[str, Any]:
        """The next thing it says."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process of the bench ended early, with {await self._process.wait()}")
        said: dict[str, Any] = json.loads(line)
        return said

    def go(self) -> None:
        """Let it go on: it waits for that, with `told_to_go`."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")

    def finish(self) -> None:
        """End its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()


@asynccontextmanager
async def child(module: str, job: dict[str, Any]) -> AsyncIterator[Child]:
    """Run `python -m MODULE` on a job."""
    process = await asyncio.create_subprocess_exec(
        *launch([sys.executable, "-m", module]),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(job).encode() + b"\n")
    one = Child(process)
    try:
        yield one
        one.finish()
    except BaseException:
        with suppress(ProcessLookupError):
            process.kill()
        raise
    finally:
        await process.wait()


def job() -> dict[str, Any]:
    """In the process: its job."""
    given: dict[str, Any] = json.loads(sys.stdin.readline())
    return given


def report(**said: Any) -> None:
    """In the process: say something to the bench."""
    print(json.dumps(said), flush=True)


async def told_to_go() -> None:
    """In the process: wait until the bench says `go`. Before `input_ended`, which takes the input over."""
    await asyncio.to_thread(sys.stdin.readline)


def input_ended() -> asyncio.Event:
    """In the process: set when the bench wants it to end."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    def readable() -> None:
        if not os.read(0, 1 << 16):
            loop.remove_reader(0)
            ended.set()

    loop.add_reader(0, readable)
    return ended
