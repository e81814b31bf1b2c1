"""A platform of the bench's own, the limits beside it, and who uses how much of the machine."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import grpc
import nats
import psutil
from apricot.glucose.v1.diary_pb2 import ListEntriesResponse, UploadEntriesResponse
from nats.aio.client import Client

from benchmarks import people, requests
from benchmarks.child import child
from benchmarks.gateway import Bare, Gateway
from benchmarks.load import Job
from benchmarks.meter import Meter
from benchmarks.people import Person
from benchmarks.results import STRANGERS
from kit.schema import service_url
from services.gateway.settings import GatewaySettings
from stack.events import silent
from stack.plan import jwks_url
from stack.platform import PARTS, Platform
from stack.ports import Ports
from stack.process import Process
from stack.program import Program
from stack.services import SERVICES
from stack.state import StateFolder
from stack.testing import temporary_platform

UNLIMITED = 1_000_000


@dataclass(frozen=True)
class Bench:
    """A running platform to measure."""

    platform: Platform
    gateway: Process
    bare: Process
    channel: grpc.aio.Channel
    """To the gateway, for what is not measured."""

    @property
    def address(self) -> str:
        """The gateway's `host:port`."""
        return self.gateway.program.address.removeprefix("http://")

    @property
    def bare_address(self) -> str:
        """The bare server's, without the gateway."""
        return self.bare.program.address

    async def patients(self, how_many: int) -> list[Person]:
        """New patients, signed in."""
        return await people.sign_in(self.channel, self.platform.part("identity").log.path, how_many)

    async def upload(self, patients: Sequence[Person], days: int) -> None:
        """Give each patient a history."""
        upload: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = self.channel.stream_unary(requests.UPLOAD)
        for patient in patients:
            batches = requests.upload_batches(patient.id, days)
            answer = await upload(iter(batches), metadata=patient.metadata, timeout=60)
            created = UploadEntriesResponse.FromString(answer).created_count
            assert created == days * requests.DAY_READINGS, f"{created} created"
        await self.settled()

    async def settled(self) -> None:
        """Wait until every event is out, every durable consumer has had it, and every day's figures are kept."""
        unsettled = "select exists (select from outbox) or exists (select from glucose_day_mark)"
        async with self.database() as database:
            while await database.fetchval(unsettled):
                await asyncio.sleep(0.02)
        client = await nats.connect(self.platform.nats_url)
        try:
            while await _unfinished(client):
                await asyncio.sleep(0.02)
        finally:
            await client.close()

    async def check_list(self, patient: Person, how_many: int) -> None:
        """See that a list holds what is to be measured."""
        request = next(requests.list_requests(patient.id))
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(requests.LIST)
        answer = await call(request, metadata=patient.metadata, timeout=10)
        assert len(ListEntriesResponse.FromString(answer).entries) == how_many

    @asynccontextmanager
    async def database(self) -> AsyncIterator[asyncpg.Connection]:
        """The glucose service's."""
        connection = await asyncpg.connect(service_url(self.platform.database_url, "glucose"))
        try:
            yield connection
        finally:
            await connection.close()

    def processes(self) -> dict[str, psutil.Process]:
        """Every part that runs."""
        names = [program.name for program in self.platform.plan.programs]
        parts = [*(self.platform.part(name) for name in names), self.gateway, self.bare]
        return {part.name: psutil.Process(part.pid) for part in parts}

    def meter(self, **more: int) -> Meter:
        """Who uses the processor from now on: every part, and these processes by their ids."""
        return Meter(self.processes() | {name: psutil.Process(pid) for name, pid in more.items()})

    async def load(self, job: Job) -> dict[str, Any]:
        """Run a load to its end. In the answer too: `cpu`, microseconds a call by part, and `STRANGERS`."""
        async with child("benchmarks.load", job.as_json()) as generator:
            await generator.read()
            meter = self.meter(generator=generator.pid)
            found = await generator.read()
            reading = meter.read()
        return found | {"cpu": reading.per(found["calls"]), STRANGERS: reading.strangers}


@asynccontextmanager
async def bench(**changes: Any) -> AsyncIterator[Bench]:
    """An empty platform whose gateway has the limits behind it too, and limits no rate."""
    parts = [part for part in PARTS if part != "gateway"]
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(temporary_platform(parts, **changes))
        ports = Ports()
        stack.callback(ports.release)
        bare_port, identity = ports.choose(), platform.plan.services[0]
        settings = GatewaySettings(
            listen_port=ports.choose(),
            admin_port=ports.choose(),
            upstreams={name: platform.addresses(name) for name in SERVICES},
            jwks_url=jwks_url(identity),
            user_requests_per_second=UNLIMITED,
            sign_in_requests_per_minute=UNLIMITED,
            access_log=platform.state.logs / "access.log",
        )
        gateway = Gateway(platform.state.path, settings, platform.settings.gateway_concurrency, bare_port)
        bare_process = await stack.enter_async_context(_started(Bare(bare_port), platform.state))
        gateway_process = await stack.enter_async_context(_started(gateway, platform.state))
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{settings.listen_port}"))
        yield Bench(platform, gateway_process, bare_process, channel)


@asynccontextmanager
async def _started(program: Program, state: StateFolder) -> AsyncIterator[Process]:
    log, pid_file = state.log(program.name), state.pid_file(program.name)
    process = Process(program, log=log, pid_file=pid_file, listener=silent)
    await process.start()
    try:
        yield process
    finally:
        await process.stop()


async def _unfinished(client: Client) -> bool:
    consumers = [one for stream in ("glucose", "identity") for one in await client.jetstream().consumers_info(stream)]
    return any(one.config.durable_name and (one.num_pending or one.num_ack_pending) for one in consumers)
