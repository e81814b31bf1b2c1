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

_TRIES = 3
"""A worker may have been killed while it was idle, and its successor too."""


class Pool:
    """Runs functions of a module, with arguments and answers that can be pickled, in other processes.

    A function has no effect but its answer: when its worker dies, another one runs it again.
    """

    def __init__(self, workers: int = 2, waiting: int = 16, preload: tuple[str, ...] = ()) -> None:
        """`preload` are modules that a worker imports at its start."""
        self._most_workers = workers
        self._most_calls = workers + waiting
        self._preload = preload
        self._calls = 0
        self._turns = asyncio.Semaphore(workers)
        self._workers: set[_Worker] = set()
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._starts: set[asyncio.Task[None]] = set()

    async def run[R](self, function: Callable[..., R], *arguments: object) -> R:
        """Run it. Raises what the function raises. Errors: RATE_LIMITED when too many wait; UNAVAILABLE."""
        async with self.turn() as turn:
            return await turn.run(function, *arguments)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["Turn"]:
        """Wait for a free worker, then load what it is to work on: so no more data is held than workers can take.
        Never begin a turn inside a turn. Errors: RATE_LIMITED."""
        if self._calls >= self._most_calls:
            raise ApricotError(
                Reason.REASON_RATE_LIMITED, "too many reports at once", metadata={"retry_after_seconds": "2"}
            )
        self._calls += 1
        try:
            async with self._turns:
                yield Turn(self)
        finally:
            self._calls -= 1

    async def close(self) -> None:
        """End every worker."""
        await asyncio.gather(*self._starts)
        for worker in self._workers:
            await worker.end()
        self._workers.clear()

    async def ask(self, job: bytes) -> bytes:
        """The answer to a job. Errors: UNAVAILABLE."""
        for _ in range(_TRIES):
            worker = await self._take()
            try:
                answer = await worker.ask(job)
            except (ConnectionError, asyncio.IncompleteReadError):
                log.warning("a worker died")
                await self._drop(worker)
            except BaseException:  # the caller has gone: so shall the work
                await self._drop(worker)
                raise
            else:
                self._idle.put_nowait(worker)
                return answer
        raise ApricotError(Reason.REASON_UNAVAILABLE, "the report's worker died")

    async def _take(self) -> "_Worker":
        """A worker for one turn. It goes on starting when its caller has gone, for the next."""
        if self._idle.empty() and len(self._workers) < self._most_workers:
            self._workers.add(worker := _Worker())
            task = asyncio.create_task(self._start(worker))
            self._starts.add(task)
            task.add_done_callback(self._starts.discard)
        return await self._idle.get()

    async def _start(self, worker: "_Worker") -> None:
        with suppress(OSError, asyncio.IncompleteReadError):  # whoever asks it will see
            await worker.start(self._preload)
        self._idle.put_nowait(worker)

    async def _drop(self, worker: "_Worker") -> None:
        self._workers.discard(worker)
        await asyncio.shield(worker.end())


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


class _Worker:
    """One process."""

    def __init__(self) -> None:
        self._process: Process | None = None

    async def start(self, preload: tuple[str, ...]) -> None:
        """Until it is ready."""
        program = f"from {pool_worker.__name__} import main; main({preload!r})"
        self._process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=PIPE, stdout=PIPE)
        await self._read()

    async def ask(self, job: bytes) -> bytes:
        """Errors: ConnectionError, IncompleteReadError when it is dead."""
        if self._process is None or self._process.stdin is None:
            raise ConnectionError
        self._process.stdin.writelines([pool_worker.head(job), job])
        await self._process.stdin.drain()
        return await self._read()

    async def end(self) -> None:
        """Kill it, whatever it does."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _read(self) -> bytes:
        if self._process is None or self._process.stdout is None:
            raise ConnectionError
        size = await self._process.stdout.readexactly(pool_worker.HEAD_BYTES)
        return await self._process.stdout.readexactly(int.from_bytes(size))
