"""The stage of `capacity`: a platform with all that the crowd needs, and what a while of the crowd's work takes."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import nats
import psutil

from benchmarks import people
from benchmarks.chat import End, consultations
from benchmarks.child import child
from benchmarks.directory import fill
from benchmarks.harness import Bench
from benchmarks.meter import Reading
from benchmarks.options import Options, say
from benchmarks.order import arrange, pharmacy_database, write_quotes
from benchmarks.people import Person
from benchmarks.results import percentile
from benchmarks.scale.costs import Point, Unit
from kit.schema import service_url

PATIENTS, TALKS, DOCTORS = 256, 16, 20_000
_SERVICES = ("identity", "glucose", "consult", "pharmacy")
_QUOTES_A_SHOW = 8
"""Of each patient; a show orders fewer."""


@dataclass(frozen=True)
class Rest:
    """What goes on when nobody asks for anything."""

    cores: Mapping[str, float]
    """Busy, by process."""
    stored: Mapping[str, float]
    """Bytes a second."""


@dataclass(frozen=True)
class Show:
    """What a while of work took."""

    seconds: float
    found: Mapping[str, Any]
    """What the crowd tells."""
    cores: Mapping[str, float]
    """Busy, by process."""
    strangers: float
    stored: Mapping[str, float]
    """Bytes by which WAL and JetStream grew."""
    memory: Mapping[str, float]
    """Bytes of each process, with all watches open, when nothing else was asked for; shared ones counted once."""

    @property
    def calls_per_second(self) -> float:
        """Of all kinds."""
        count = sum(count for kind, count in self.found["calls"].items() if kind != "event")
        return float(count) / self.seconds

    def above(self, rest: Mapping[str, float]) -> dict[str, float]:
        """Cores by process, without these."""
        return {name: busy - rest.get(name, 0.0) for name, busy in self.cores.items()}

    def unit(self, kind: str, rest: Rest) -> Unit:
        """What one of the kind takes, when there is no other."""
        calls = max(1, self.found["calls"][kind])
        times = self.found["ms"].get(kind)
        bytes_each = {
            name: max(0.0, size - rest.stored[name] * self.seconds) / calls for name, size in self.stored.items()
        }
        return Unit(
            [Point(calls / self.seconds, self.above(rest.cores))],
            [round(percentile(times, percent), 2) for percent in range(1, 101)] if times else [],
            client_bytes=self.found["bytes"][kind] / calls,
            wal_bytes=bytes_each["wal"],
            jetstream_bytes=bytes_each["jetstream"],
        )


@dataclass
class Stage:
    """Where the crowd works."""

    running: Bench
    patients: list[Person]
    doctor: Person
    talks: list[tuple[End, End]]
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    shows: int = 0

    async def show(self, rates: Mapping[str, float], seconds: float, watches: int = 0) -> Show:
        """Let the crowd work so long, and wait until everything that follows from it is done."""
        job = {
            "address": self.running.address,
            "rates": dict(rates),
            "seconds": seconds,
            "watches": watches,
            "patients": [(one.id, one.token, self.refresh_tokens[one.id]) for one in self.patients],
            "doctor": self.doctor.token,
            "talks": self.talks,
            "orders_before": self.shows * _QUOTES_A_SHOW,
        }
        async with child("benchmarks.crowd", job) as crowd:
            await crowd.read()
            memory = {} if rates else self.memory()
            before, meter = await stored(self.running), self.running.meter(crowd=crowd.pid)
            crowd.go()
            found = await crowd.read()
            reading, after = meter.read(), await stored(self.running)
        self.shows += "order" in rates
        self.refresh_tokens |= found["renewed"]
        grown = {name: after[name] - before[name] for name in after}
        shown = Show(found["seconds"], found, cores_of(reading, found["seconds"]), reading.strangers, grown, memory)
        await self.running.settled()
        say(f"capacity: {shown.calls_per_second:.0f} calls/s, {sum(shown.cores.values()):.2f} cores, {dict(rates)}")
        return shown

    def memory(self) -> dict[str, float]:
        """Bytes of each process; pages that several share are counted once."""
        return {name: _bytes(process) for name, process in self.running.processes().items()}


async def stored(running: Bench) -> dict[str, float]:
    """Bytes written to WAL ever, and bytes of JetStream."""
    async with running.database() as database:
        written = await database.fetchval("select pg_current_wal_lsn() - '0/0'")
    client = await nats.connect(running.platform.nats_url)
    try:
        streams = [await client.jetstream().stream_info(name) for name in _SERVICES]
    finally:
        await client.close()
    return {"wal": float(written), "jetstream": float(sum(stream.state.bytes for stream in streams))}


def cores_of(reading: Reading, seconds: float) -> dict[str, float]:
    """Busy, by process."""
    return {name: microseconds / 1e6 / seconds for name, microseconds in reading.per(1).items()}


def _bytes(process: psutil.Process) -> float:
    sizes = []
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # a connection of PostgreSQL's ends when it likes
            sizes.append(one.memory_full_info().pss)
    return float(sum(sizes))


@dataclass(frozen=True)
class Arranging:
    """Fills a platform."""

    running: Bench
    options: Options

    async def rest(self, seconds: float) -> Rest:
        """What the platform does by itself."""
        before, meter = await stored(self.running), self.running.meter()
        await asyncio.sleep(seconds)
        used, after = cores_of(meter.read(), seconds), await stored(self.running)
        return Rest(used, {name: (after[name] - before[name]) / seconds for name in after})

    async def sign_in(self, rest: Rest) -> tuple[list[Person], Unit]:
        """The patients, and what one sign-in takes."""
        meter, began = self.running.meter(), time.perf_counter()
        patients = await self.running.patients(self.options.many(PATIENTS))
        seconds = time.perf_counter() - began
        used = cores_of(meter.read(), seconds)
        above = {name: busy - rest.cores[name] for name, busy in used.items()}
        return patients, Unit([Point(len(patients) / seconds, above)])

    async def fill(self, patients: Sequence[Person]) -> Stage:
        """Give them a day, a doctor who may read it, talks, quotes, and a directory to search."""
        (doctor,) = await self.running.patients(1)
        await asyncio.gather(*(people.grant(self.running.channel, patient, doctor) for patient in patients))
        await self.running.upload(patients, 1)
        async with pharmacy_database(self.running) as database:
            pharmacy, product = await arrange(database)
            await write_quotes(database, [patient.id for patient in patients], pharmacy, product, 1)
        consult = await asyncpg.connect(service_url(self.running.platform.database_url, "consult"))
        await fill(consult, self.options.many(DOCTORS))
        await consult.close()
        talks = await consultations(self.running, [(patient, doctor) for patient in patients[:TALKS]])
        tokens = {patient.id: patient.refresh_token for patient in patients}
        return Stage(self.running, list(patients), doctor, talks, tokens)
