"""`live-one`: one watcher, from a write's start to its event: quiet, and under 1,000 writes/s of other patients."""

import asyncio
import random
import time

import grpc
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest

from benchmarks.channels import open_channels
from benchmarks.child import child
from benchmarks.harness import Bench, bench
from benchmarks.load import Job
from benchmarks.options import Options, say
from benchmarks.people import Person
from benchmarks.requests import LOG, WATCH, entry_id_of, log_requests
from benchmarks.results import STRANGERS, Goal, Line, Repeat, median_of, percentile

WRITES, OTHERS, RATE = 500, 64, 1000.0


async def run(options: Options) -> list[Line]:
    """Measure it."""
    quiet: list[Repeat] = []
    loaded: list[Repeat] = []
    writes = options.many(WRITES)
    async with bench() as running:
        patient, *others = await running.patients(1 + OTHERS)
        people = [(one.id, one.token) for one in others]
        load = Job(running.address, LOG, "log", people, 600, callers=OTHERS, rate=RATE)
        for _ in range(options.repeats):
            meter = running.meter()
            alone = await _probe(running, patient, writes)
            quiet.append(alone | {STRANGERS: meter.read().strangers})
            say(f"live-one quiet: {quiet[-1]}")
            async with child("benchmarks.load", load.as_json()) as generator:
                await generator.read()
                meter = running.meter(generator=generator.pid)
                under_load = await _probe(running, patient, writes)
                under_load[STRANGERS] = meter.read().strangers
                generator.finish()
                achieved = await generator.read()
            loaded.append(under_load | {"writes /s": achieved["per_second"], "their p99 ms": achieved["p99_ms"]})
            say(f"live-one loaded: {loaded[-1]}")
    return [
        _line("live-one", "write start to event at one watcher, quiet, p99", quiet, 10),
        _line("live-one, 1,000 writes/s", "the same under others' writes, p99", loaded, 20),
    ]


async def _probe(running: Bench, patient: Person, writes: int) -> Repeat:
    """Write and await the event, again and again, at no regular beat."""
    (channel,) = open_channels(running.address, 1)
    async with channel:
        request = WatchPatientsRequest(patient_ids=[patient.id], snapshot_minutes=1).SerializeToString()
        stream: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(WATCH)
        watch = stream(request, metadata=patient.metadata)
        log: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(LOG)
        requests = log_requests(patient.id)
        events = aiter(watch)
        await anext(events)  # the snapshot
        await anext(events)  # the first heartbeat: live
        times = []
        for _ in range(writes):
            request = next(requests)
            entry_id = entry_id_of(request)
            began = time.perf_counter()
            write = log(request, metadata=patient.metadata, timeout=10)
            while entry_id not in await anext(events):
                pass
            times.append((time.perf_counter() - began) * 1000)
            await write
            await asyncio.sleep(random.uniform(0.005, 0.015))
        watch.cancel()
    return {"p50 ms": percentile(times, 50), "p99 ms": percentile(times, 99)}


def _line(name: str, what: str, repeats: list[Repeat], goal_ms: float) -> Line:
    return Line(name, what, median_of(repeats, "p99 ms"), "ms", Goal("most", goal_ms), repeats)
