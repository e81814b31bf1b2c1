"""`alerts`: 500 sensor readings a second of 250 patients; p99 from a low's answer to its alert at a watcher of all.

A clinical minute lasts a second here, so that a low is over in time for the next one. That every reading was looked at
is seen twice: each low has its alert, and the evaluation has acknowledged every event.
"""

import asyncio

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ

from benchmarks import people
from benchmarks.child import child
from benchmarks.harness import Bench, bench
from benchmarks.options import Options, say
from benchmarks.people import Person
from benchmarks.results import STRANGERS, Goal, Line, Repeat, median_of, percentile

PATIENTS, RATE, SECONDS, LOW_EVERY = 250, 500.0, 30.0, 50
_SECONDS_PER_MINUTE = 1.0


async def run(options: Options) -> list[Line]:
    """Measure it."""
    repeats: list[Repeat] = []
    for _ in range(options.repeats):
        # A platform of its own each time: the last repeat's patients, silent since, would all be missing.
        async with bench(seconds_per_minute=_SECONDS_PER_MINUTE) as running:
            watcher, *patients = await running.patients(1 + PATIENTS)
            for patient in patients:
                await people.grant(running.channel, patient, watcher, SCOPE_ALERT_READ)
            repeats.append(await _measure(running, watcher, patients, options.seconds(SECONDS)))
        say(f"alerts {repeats[-1]}")
    what = "a low's answer to its alert at a watcher, 500 readings/s, p99"
    return [Line("alerts", what, median_of(repeats, "p99 ms"), "ms", Goal("most", 1000), repeats)]


async def _measure(running: Bench, watcher: Person, patients: list[Person], seconds: float) -> Repeat:
    job = {
        "address": running.address,
        "watcher": watcher.token,
        "people": [(patient.id, patient.token) for patient in patients],
        "rate": RATE,
        "seconds": seconds,
        "low_every": LOW_EVERY,
    }
    async with child("benchmarks.sensors", job) as sensors:
        meter = running.meter(sensors=sensors.pid)
        found = await sensors.read()
        reading = meter.read()
    async with asyncio.timeout(30):
        await running.settled()
    async with running.database() as database:
        parked = await database.fetchval("select count(*) from parked_event")
    assert not parked, f"{parked} events were given up"
    times, used = found["times"], reading.per(found["readings"])
    return {
        "p50 ms": percentile(times, 50) * 1000,
        "p99 ms": percentile(times, 99) * 1000,
        "lows": len(times),
        "readings": found["readings"],
        "worker's µs a reading": used["glucose-worker"],
        "PostgreSQL's µs a reading": used["postgres"],
        STRANGERS: reading.strangers,
    }
