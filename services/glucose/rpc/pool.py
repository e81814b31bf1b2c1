"""Heavy work off the event loop, in a few processes of their own, started when first needed.

They run `pool_worker` rather than the standard library's workers, which would import the service's main module again
(120 MB each), go on computing when the caller has gone, and outlive a parent that was killed.
"""

import asyncio
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError
from services.glucose.rpc import pool_worker

log = structlog.get_logger()

_WORKER = f"from {pool_worker.__name__} import main; main()"
_TRIES = 3
"""A worker may have been killed while it was idle, and its successor too."""


class Pool:
    """Runs functions of a module, with arguments and answers that can be pickled, in other processes.

    A function has no effect but its answer: when its worker dies, another one runs it again.
    """

    def __init__(self, workers: int = 2, waiting: int = 16) -> None:
        self._free = asyncio.Semaphore(workers)
        self._most = workers + waiting
        self._calls = 0
        self._idle: list[Process] = []
        self._started: set[Process] = set()

    async def run[R](self, function: Callable[..., R], *arguments: object) -> R:
        """Run it. Raises what the function raises. Errors: RATE_LIMITED when too many wait; UNAVAILABLE."""
        async with self.turn() as turn:
            return await turn.run(function, *arguments)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["Turn"]:
        """Wait for a free worker, then load what it is to work on: so no more data is held than workers can take.
        Never begin a turn inside a turn. Errors: RATE_LIMITED."""
        if self._calls >= self._most:
            raise ApricotError(
                Reason.REASON_RATE_LIMITED, "too many reports at once", metadata={"retry_after_seconds": "2"}
            )
        self._calls += 1
        try:
            async with self._free:
                yield Turn(self)
        finally:
            self._calls -= 1

    async def close(self) -> None:
        """End every worker."""
        for worker in self._started:
            _kill(worker)
        for worker in self._started:
            await worker.wait()
        self._started.clear()

    async def ask(self, job: bytes) -> bytes:
        """The answer to a job. Errors: UNAVAILABLE."""
        for _ in range(_TRIES):
            worker = self._idle.pop() if self._idle else await self._start()
            try:
                answer = await _ask(worker, job)
            except (ConnectionError, asyncio.IncompleteReadError):
                log.warning("a worker died", process=worker.pid)
                await self._end(worker)
            except BaseException:  # the caller has gone: so shall the work
                await self._end(worker)
                raise
            else:
                self._idle.append(worker)
                return answer
        raise ApricotError(Reason.REASON_UNAVAILABLE, "the report's worker died")

    async def _start(self) -> Process:
        worker = await asyncio.create_subprocess_exec(sys.executable, "-c", _WORKER, stdin=PIPE, stdout=PIPE)
        self._started.add(worker)
        return worker

    async def _end(self, worker: Process) -> None:
        _kill(worker)
        self._started.discard(worker)
        await asyncio.shield(worker.wait())


class Turn:
    """A worker's attention."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def run[R](self, function: Callable[..., R], *arguments: object) -> R:
        """See `Pool.run`."""
        done: pool_worker.Done = pickle.loads(await self._pool.ask(pickle.dumps((function, arguments))))  # noqa: S301
        if done.error is not None:
            log.error("work failed", function=function.__name__, place=done.place)
            raise done.error
        answer: R = done.answer
        return answer


async def _ask(worker: Process, job: bytes) -> bytes:
    assert worker.stdin is not None  # noqa: S101  pipes, both
    assert worker.stdout is not None  # noqa: S101
    worker.stdin.writelines([pool_worker.head(job), job])
    await worker.stdin.drain()
    size = await worker.stdout.readexactly(pool_worker.HEAD_BYTES)
    return await worker.stdout.readexactly(int.from_bytes(size))


def _kill(worker: Process) -> None:
    with suppress(ProcessLookupError):
        worker.kill()
