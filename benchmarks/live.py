"""`live`: p99 from a write's answer to its event at each of 1,000 watchers ÷ that of a bare fan-out to 1,000 streams.

The bare fan-out is measured through the same gateway, like for like, and without it; its time counts from the instant
at which it begins to hand the event out.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest
from grpc.aio import UnaryStreamMultiCallable, UnaryUnaryMultiCallable

from benchmarks import bare, people
from benchmarks.channels import open_channels
from benchmarks.child import child
from benchmarks.harness import Bench, bench
from benchmarks.options import Options, say
from benchmarks.people import Person
from benchmarks.requests import DEVICES, LOG, WATCH, entry_id_of, log_requests
from benchmarks.results import STRANGERS, Goal, Line, Repeat, percentile, ratio_of

WATCHERS, CHANNELS, FOLLOWERS, WRITES = 1000, 10, 10, 50

type Write = Callable[[], Awaitable[float]]
"""Writes, and gives the instant from which its event's time counts."""


async def run(options: Options) -> list[Line]:
    """Measure it."""
    repeats: list[Repeat] = []
    notes: dict[str, Any] = {}
    writes = options.many(WRITES)
    async with bench() as running:
        for _ in range(options.repeats):
            patient, *followers = await running.patients(1 + FOLLOWERS)
            for follower in followers:
                await people.grant(running.channel, patient, follower)
            event = await _an_event(running, patient)
            found = {
                "ours": await _ours(running, patient, followers, writes),
                "bare": await _bare(running, running.address, event, followers, writes),
                "bare direct": await _bare(running, running.bare_address, event, followers, writes),
            }
            repeat = {STRANGERS: max(used[STRANGERS] for _, used in found.values())}
            for name, (times, _) in found.items():
                repeat |= {f"{name} p{percent} ms": percentile(times, percent) * 1000 for percent in (99, 50)}
            repeats.append(repeat)
            notes = {"microseconds of processor an event": {name: used["cpu"] for name, (_, used) in found.items()}}
            say(f"live {repeat}; {notes}")
    return [
        _line("live", "answer to event at 1,000 watchers ÷ bare fan-out, same gateway, p99", "bare", repeats, notes),
        _line("live, direct", "the same ÷ bare fan-out without a gateway, p99", "bare direct", repeats, {}),
    ]


def _line(name: str, what: str, limit: str, repeats: list[Repeat], notes: dict[str, Any]) -> Line:
    ratio = ratio_of(repeats, "ours p99 ms", f"{limit} p99 ms")
    return Line(name, what, ratio, "", Goal("most", 1.5), repeats, notes)


async def _an_event(running: Bench, patient: Person) -> bytes:
    """An event as a watcher gets it: what the bare fan-out hands on too."""
    method: UnaryStreamMultiCallable[bytes, bytes] = running.channel.unary_stream(WATCH)
    call = method(_request(patient), metadata=patient.metadata)
    events = aiter(call)
    for _ in range(2):  # snapshot, heartbeat
        await anext(events)
    request = next(log_requests(patient.id))
    log: UnaryUnaryMultiCallable[bytes, bytes] = running.channel.unary_unary(LOG)
    await log(request, metadata=patient.metadata, timeout=10)
    while entry_id_of(request) not in (event := await anext(events)):
        pass
    call.cancel()
    return event


async def _ours(
    running: Bench, patient: Person, followers: list[Person], writes: int
) -> tuple[list[float], dict[str, Any]]:
    log: UnaryUnaryMultiCallable[bytes, bytes] = running.channel.unary_unary(LOG)
    requests = log_requests(patient.id)

    async def write() -> float:
        await log(next(requests), metadata=patient.metadata, timeout=10)
        return time.monotonic()

    job = _job(running.address, followers) | {"path": WATCH, "request": _request(patient).hex(), "messages_before": 2}
    return await _measure(running, job, write, writes)


async def _bare(
    running: Bench, address: str, event: bytes, followers: list[Person], writes: int
) -> tuple[list[float], dict[str, Any]]:
    (channel,) = open_channels(address, 1)
    async with channel:
        publish: UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(bare.PUBLISH)

        async def write() -> float:
            # Not when its answer is here: that stands in line behind the events.
            return float(await publish(event, metadata=followers[0].metadata, timeout=10))

        job = _job(address, followers) | {"path": bare.FAN_OUT, "request": "", "messages_before": 1}
        return await _measure(running, job, write, writes)


def _job(address: str, followers: list[Person]) -> dict[str, Any]:
    tokens = [follower.token for follower in followers]
    return {"address": address, "tokens": tokens, "streams": WATCHERS, "channels": CHANNELS, "marker": DEVICES}


async def _measure(
    running: Bench, job: dict[str, Any], write: Write, writes: int
) -> tuple[list[float], dict[str, Any]]:
    """From each write to each arrival. The clock is the machine's, the same in every process."""
    times: list[float] = []
    async with child("benchmarks.watchers", job) as watchers:
        await watchers.read()
        await running.settled()
        meter = running.meter(watchers=watchers.pid)
        for _ in range(writes):
            since = await write()
            async with asyncio.timeout(30):
                arrived = (await watchers.read())["arrived"]
            times += [instant - since for instant in arrived]
            await asyncio.sleep(random.uniform(0.005, 0.015))  # no regular beat
        reading = meter.read()
    return times, {STRANGERS: reading.strangers, "cpu": reading.per(len(times))}


def _request(patient: Person) -> bytes:
    return WatchPatientsRequest(patient_ids=[patient.id], snapshot_minutes=1).SerializeToString()
