"""One container of a pod: started in its box, probed, started again when it ends, stopped in time."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.manifests import Manifest
from deploy.rehearsal.manifests import Unsupported
from deploy.rehearsal.probes import accepts, http_answers, port_of, verdicts
from deploy.rehearsal.programs import located
from stack.account import launch
from stack.log import Log
from stack.process import how_it_ended

FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 10.0, 300.0
"""As the kubelet's; the first restart comes at once."""
_BOX = Path(__file__).with_name("box.py")

MOST_FAILED_STARTS = 3
"""A cluster would go on for ever; here somebody waits."""

type Say = Callable[[str], None]


@dataclass(frozen=True)
class Box:
    """All that a container's program is given."""

    space: str
    hostname: str
    scratch: str
    files: dict[str, str]
    mounts: list[tuple[str, str, bool]]
    """Source, target, read-only."""
    read_only: bool
    folder: str
    command: list[str]
    environment: dict[str, str]


class NeverUp(Exception):
    """A container has ended again and again and was never ready."""


class Container:
    """A container under supervision."""

    def __init__(self, declared: Manifest, box: Box, address: str, log: Log, restart: str, say: Say) -> None:
        self.name = str(declared["name"])
        self.declared = declared
        self.log = log
        self.ready = False
        self.started = asyncio.Event()
        """Once its startup probe has passed."""
        self.restarts = 0
        self._box, self._address, self._restart, self._say = box, address, restart, say
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._has_served = False

    @property
    def pid(self) -> int | None:
        """The program's own process, while it runs."""
        process = self._process
        return process.pid if process and process.returncode is None else None

    async def run(self) -> int:
        """Until it is stopped, or has ended and is not to be started again; its last exit code."""
        backoff = 0.0
        while True:
            code = await self._live()
            over = self._restart == "Never" or (self._restart == "OnFailure" and code == 0)
            if self._stopping.is_set() or over:
                return code
            self.restarts += 1
            if self.restarts >= MOST_FAILED_STARTS and not self._has_served:
                raise NeverUp(f"{self._box.hostname} {self.name} {how_it_ended(code)}:\n{self.log.tail()}")
            self._say(f"{self.name} {how_it_ended(code)}; again in {backoff:g} s; its log: {self.log.path}")
            with suppress(TimeoutError):
                async with asyncio.timeout(backoff):
                    await self._stopping.wait()
                    return code
            backoff = min(max(2 * backoff, FIRST_BACKOFF_SECONDS), LONGEST_BACKOFF_SECONDS)

    async def stop(self, deadline: float) -> None:
        """In order: its preStop hook, SIGTERM, and at the deadline (of the loop's clock) SIGKILL."""
        self._stopping.set()
        if self.pid is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await self._pre_stop()
        await self._end(deadline)

    def kill(self) -> None:
        """SIGKILL; its supervisor starts it again."""
        self._send(signal.SIGKILL)

    async def _live(self) -> int:
        """One life: from its start to its end."""
        self._process = process = await self._spawn(self._box)
        async with asyncio.TaskGroup() as group:
            probing = group.create_task(self._probe())
            code = await process.wait()
            probing.cancel()
        self.ready = False
        self.started.clear()
        return code

    async def _spawn(self, box: Box) -> asyncio.subprocess.Process:
        spec = Path(box.scratch).with_suffix(".json")
        Path(box.scratch).mkdir(parents=True, exist_ok=True)
        spec.touch(mode=0o600)
        spec.write_text(json.dumps(asdict(box)))
        with self.log.open() as log:
            return await asyncio.create_subprocess_exec(
                *launch([sys.executable, "-I", "-S", str(_BOX), str(spec)]),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={},
                start_new_session=True,
            )

    async def _probe(self) -> None:
        if startup := self.declared.get("startupProbe"):
            async for passed in verdicts(startup, self._look):
                if passed:
                    break
                await self._give_up("was not up in time")
        self.started.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._see_whether_ready())
            group.create_task(self._see_whether_alive())

    async def _see_whether_ready(self) -> None:
        probe = self.declared.get("readinessProbe")
        if probe is None:
            self.ready = self._has_served = True
            return
        async for passed in verdicts(probe, self._look):
            self.ready = passed
            self._has_served |= passed

    async def _see_whether_alive(self) -> None:
        if probe := self.declared.get("livenessProbe"):
            async for passed in verdicts(probe, self._look):
                if not passed:
                    await self._give_up("failed its liveness probe")

    async def _give_up(self, why: str) -> None:
        self._say(f"{self.name} {why}")
        await self._end(asyncio.get_running_loop().time() + 30)

    async def _look(self, probe: Manifest) -> bool:
        if action := probe.get("httpGet"):
            return await http_answers(self._address, port_of(self.declared, action["port"]), action.get("path", "/"))
        if action := probe.get("tcpSocket"):
            return await accepts(self._address, port_of(self.declared, action["port"]))
        if action := probe.get("exec"):
            return await self._execute(action["command"]) == 0
        raise Unsupported(f"probe {sorted(probe)}")

    async def _pre_stop(self) -> None:
        match (self.declared.get("lifecycle") or {}).get("preStop"):
            case None:
                pass
            case {"sleep": {"seconds": seconds}}:
                await asyncio.sleep(seconds)
            case {"exec": {"command": ["sleep", seconds]}}:
                await asyncio.sleep(float(seconds))
            case {"exec": {"command": command}}:
                await self._execute(command)
            case hook:
                raise Unsupported(f"preStop {hook}")

    async def _execute(self, command: list[str]) -> int:
        box = asdict(self._box) | {"command": located(command), "scratch": f"{self._box.scratch}-exec"}
        process = await self._spawn(Box(**box))
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()

    async def _end(self, deadline: float) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._send(signal.SIGTERM)
        try:
            async with asyncio.timeout_at(deadline):
                await process.wait()
        except TimeoutError:
            self._say(f"{self.name} did not end in time")
            self._send(signal.SIGKILL)
            await process.wait()

    def _send(self, number: int) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(number)
