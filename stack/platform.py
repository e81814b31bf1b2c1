"""The whole platform on one machine: started in order, watched, stopped in reverse order."""

import asyncio
import os
from collections.abc import Collection, Coroutine, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from stack import leftovers
from stack.events import Listener, silent
from stack.migration import migrate
from stack.plan import Plan
from stack.ports import Ports
from stack.process import Process
from stack.program import Program
from stack.services import LATER, SERVICES, Service
from stack.settings import StackSettings
from stack.state import Running, StateFolder

if TYPE_CHECKING:
    from kit.sealing import SealingKeys

PARTS = ("postgres", "nats", "cashier", "migrate", *SERVICES, "gateway")


class Platform:
    """`async with Platform(settings) as platform:` and everything in `parts` is ready.

    Parts may die and come back while it runs; their addresses stay. On leaving it no process is left.
    """

    def __init__(self, settings: StackSettings, *, parts: Collection[str] = PARTS, listener: Listener = silent) -> None:
        self.settings = settings
        self.state = StateFolder(settings.state_dir)
        self._parts = parts
        self._listener = listener
        self._ports = Ports()
        self._plan: Plan | None = None
        self._processes: dict[str, Process] = {}
        self.stopping = False
        """From the call of `stop` on."""
        self.completed = asyncio.Event()
        """Once everything was ready."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Everything, or nothing at all."""
        await self.begin()
        await self.complete()

    async def begin(self) -> None:
        """PostgreSQL and NATS, then the databases and the services of the ward, then the gateway; or nothing at all."""
        self.state.acquire()
        self.stopping = False
        try:
            await leftovers.end_all(self.state.pids)
            self._plan = Plan(self.settings, self.state, self._ports, self._parts)
            self._processes = {program.name: self._process(program) for program in self._plan.programs}
            self._announce(self._plan)
            await self._start_together(self._plan.engines)
            await self._start_services([one for one in self._plan.services if one.service not in LATER])
            if self._plan.gateway:
                await self._start_together([self._plan.gateway])
        except BaseException:
            await self.stop()
            raise

    async def complete(self) -> None:
        """The rest; or nothing at all."""
        try:
            await self._start_together(self.plan.stand_ins)
            await self._start_services([one for one in self.plan.services if one.service in LATER])
        except BaseException:
            await self.stop()
            raise
        self.completed.set()

    async def stop(self) -> None:
        """The gateway first, then the services, then what they stand on."""
        self.stopping = True
        if self._plan:
            gateway = [self._plan.gateway] if self._plan.gateway else []
            for programs in gateway, self._plan.services, self._plan.stand_ins, self._plan.engines:
                await asyncio.gather(*(self._processes[program.name].stop() for program in programs))
        self._ports.release()
        self.state.release()

    def kill(self) -> None:
        """SIGKILL to everything at once; a `stop` under way then has nothing left to wait for."""
        for process in self._processes.values():
            process.kill(restart=False)

    @property
    def gateway_address(self) -> str:
        """`http://host:port`, or `https://…`."""
        gateway = self.plan.gateway
        if gateway is None:
            raise LookupError("this platform has no gateway")
        return gateway.address

    @property
    def gateway_ca(self) -> bytes | None:
        """Whom to trust for the gateway's certificate (PEM); none: it speaks plain text."""
        return self.plan.gateway_ca.read_bytes() if self.plan.gateway_ca else None

    @property
    def database_url(self) -> str:
        """`postgresql://user:password@host:port`, without a database; of the databases' owner, no service's."""
        return self.plan.database_url or ""

    @property
    def nats_url(self) -> str:
        return self.plan.nats_url or ""

    def sealing_keys(self, service: str) -> "SealingKeys":
        """Return the keys of a service's sealed columns."""
        from kit.sealing import SealingKeys  # cryptography takes a moment

        return SealingKeys.parse(self.state.secrets().sealing_keys_of(service))

    @property
    def plan(self) -> Plan:
        if self._plan is None:
            raise LookupError("the platform was not started")
        return self._plan

    def part(self, name: str) -> Process:
        """`postgres`, `nats`, `cashier`, `identity`, `glucose-1`, …, `glucose-worker`, `gateway`."""
        return self._processes[name]

    def replicas(self, service: str) -> list[Process]:
        """Each copy of the service."""
        return [self._processes[one.name] for one in self._replicas(service)]

    def addresses(self, service: str) -> list[str]:
        """`host:port` of each replica's gRPC server, for calls that do not pass the gateway."""
        return [one.address for one in self._replicas(service)]

    def http_addresses(self, service: str) -> list[str]:
        """`host:port` of each replica's metrics and health."""
        return [one.http_address for one in self._replicas(service)]

    def _replicas(self, service: str) -> list[Service]:
        return [one for one in self.plan.services if (one.service, one.program) == (service, "main")]

    async def _start_services(self, programs: Sequence[Service]) -> None:
        # Services wait for their tables by themselves: so they are half started when these are there.
        starting = [self._processes[program.name].start() for program in programs]
        services = sorted({one.service for one in programs})
        if "migrate" in self._parts and services:
            starting.append(migrate(services, self.plan.owners(), self.state.log("migrate"), self._listener))
        await all_or_first_failure(starting)

    async def _start_together(self, programs: Sequence[Program]) -> None:
        await all_or_first_failure(self._processes[program.name].start() for program in programs)

    def _process(self, program: Program) -> Process:
        name = program.name
        log, pid_file = self.state.log(name), self.state.pid_file(name)
        return Process(program, log=log, pid_file=pid_file, listener=self._listener)

    def _announce(self, plan: Plan) -> None:
        self.state.announce(
            Running(
                pid=os.getpid(),
                gateway_address=plan.gateway.address if plan.gateway else None,
                database_url=plan.database_url,
                nats_url=plan.nats_url,
                addresses={program.name: program.address for program in plan.programs},
                gateway_ca=str(plan.gateway_ca) if plan.gateway_ca else None,
                demo=self.settings.demo,
            )
        )


async def all_or_first_failure(coroutines: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Wait for all of them; the first that fails ends the others, and its exception is the one raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for coroutine in coroutines:
                group.create_task(coroutine)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
