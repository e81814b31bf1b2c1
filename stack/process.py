"""One supervised program: started, watched, restarted when it dies, stopped for certain."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from stack import leftovers
from stack.account import launch
from stack.events import Event, Listener, PartFailed, State
from stack.log import Log
from stack.program import Program

FIRST_DELAY, LONGEST_DELAY = 0.25, 15.0
HEALTHY_SECONDS = 60.0
PROBE_PAUSE, PROBE_SECONDS = 0.02, 2.0


class Process:
    """A program under supervision. Its log is `log`; while it runs, `pid_file` names it."""

    def __init__(self, program: Program, *, log: Log, pid_file: Path, listener: Listener) -> None:
        self.program = program
        self.name = program.name
        self.log = log
        self._pid_file = pid_file
        self._listener = listener
        self._child: asyncio.subprocess.Process | None = None
        self._up_since = 0.0
        self._ready = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The program's own process, while it runs."""
        child = self._child
        return child.pid if child and child.returncode is None else None

    @property
    def stopped(self) -> bool:
        """Neither running nor about to be restarted."""
        return self._watcher is None and self.pid is None

    async def start(self) -> None:
        """Start it and wait until it is ready. One that dies before that raises `PartFailed`."""
        try:
            await self._bring_up()
        except PartFailed as failure:
            self._say("died", detail=failure.why)
            raise
        self._watcher = asyncio.create_task(self._watch(), name=f"watch {self.name}")

    async def stop(self) -> None:
        """Stop it, politely if it listens, and whatever it started."""
        if self.stopped:
            return
        self._ready.clear()
        if self._watcher:
            self._watcher.cancel()
            await asyncio.wait([self._watcher])
            self._watcher = None
        started = time.monotonic()
        self._say("stopping")
        await self._end_child()
        self._say("stopped", time.monotonic() - started)

    def kill(self, *, restart: bool = True) -> None:
        """SIGKILL to the program itself; its supervisor starts it again, or does not."""
        if self._watcher and not restart:
            self._watcher.cancel()
        if pid := self.pid:
            self._ready.clear()
            os.kill(pid, signal.SIGKILL)

    async def wait_ready(self, seconds: float = 300.0) -> None:
        """Wait until it serves; after `kill`, until it serves again."""
        async with asyncio.timeout(seconds):
            await self._ready.wait()

    async def _bring_up(self) -> None:
        started = time.monotonic()
        self._say("starting")
        try:
            self._child = await self._spawn()
        except Exception as error:
            raise PartFailed(self.name, f"could not be started: {error}", self.log.path, "") from error
        leftovers.remember(self._pid_file, self._child.pid)
        await self._until_ready(self._child)
        self._up_since = time.monotonic()
        self._ready.set()
        self._say("ready", self._up_since - started, self.program.address)

    async def _spawn(self) -> asyncio.subprocess.Process:
        command = await self.program.command()
        with self.log.open() as log:
            return await asyncio.create_subprocess_exec(
                *launch(command, account=self.program.account, death_signal=self.program.death_signal),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.program.environment(),
                cwd=self.program.folder(),
                start_new_session=True,  # the terminal's Ctrl-C is the stack's to answer
            )

    async def _until_ready(self, child: asyncio.subprocess.Process) -> None:
        deadline = time.monotonic() + self.program.ready_seconds
        while child.returncode is None:
            with suppress(OSError, EOFError, TimeoutError):
                async with asyncio.timeout(PROBE_SECONDS):
                    if await self.program.ready():
                        return
            if time.monotonic() > deadline:
                await self._end_child()
                raise self._failure(f"was not ready within {self.program.ready_seconds:g} s")
            await asyncio.sleep(PROBE_PAUSE)
        await self._end_child()
        raise self._failure(how_it_ended(child.returncode))

    async def _watch(self) -> None:
        """Wait for its death, bring it up again, for ever."""
        delay = FIRST_DELAY
        while child := self._child:
            code = await child.wait()
            self._ready.clear()
            await self._end_child()
            ran = time.monotonic() - self._up_since
            if ran >= HEALTHY_SECONDS:
                delay = FIRST_DELAY
            self._say("died", ran, how_it_ended(code))
            while not self._ready.is_set():
                self._say("restarting", delay)
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_DELAY)
                try:
                    await self._bring_up()
                except PartFailed as failure:
                    self._say("died", detail=failure.why)

    async def _end_child(self) -> None:
        """After this nothing of it runs: not the child, not its group, not its children's children."""
        child = self._child
        if child is None:
            return
        if child.returncode is None:
            child.send_signal(self.program.stop_signal)
            try:
                async with asyncio.timeout(self.program.stop_seconds):
                    await child.wait()
            except TimeoutError:
                family = leftovers.descendants(child.pid)
                child.kill()
                await child.wait()
                await leftovers.end(family, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        self._pid_file.unlink(missing_ok=True)
        self._child = None

    def _failure(self, why: str) -> PartFailed:
        return PartFailed(self.name, why, self.log.path, self.log.tail())

    def _say(self, state: State, seconds: float = 0.0, detail: str = "") -> None:
        self._listener(Event(self.name, state, self.log.path, seconds, detail))


def how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"
