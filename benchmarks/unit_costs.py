"""What each act costs alone, at two low rates: its first calls, and those of a machine that is not idle."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace

import nats
import psutil

from benchmarks.harness import Bench
from benchmarks.options import Options
from benchmarks.scale.costs import Costs, Unit
from benchmarks.stage import Arranging, Rest, Stage, cores_of

RATES: Mapping[str, tuple[float, float]] = {
    "reading": (60, 300),
    "day": (15, 80),
    "other's day": (8, 25),
    "refresh": (15, 80),
    "search": (4, 15),
    "order": (8, 30),
    "message": (10, 40),
}
"""A second; of others' days so few that identity is asked for each."""
SECONDS, IDLE_SECONDS, RELAYED, MONTH_DAYS, FEW = 4.0, 8.0, 20_000, 30, 16
WATCHES, WATCH_PROCESSES = 256, frozenset({"crowd", "gateway", "glucose-1", "glucose-2"})
EVENTS = """
insert into outbox (subject, payload)
select 'apricot.glucose.bench.made.' || gen_random_uuid(), decode(repeat(md5(number::text), 16), 'hex')
from generate_series(1, $1::int) as number
"""
ENTRY_BYTES = "select pg_total_relation_size('entry')::float / (select count(*) from entry)"
AGE = "update entry set time = time - interval '3 years' where patient_id = $1"
FREEZE = """
select sum(freeze_month($1, month)) from (
  select distinct date_trunc('month', time at time zone 'UTC')::date as month from entry where patient_id = $1
) as months
"""
ARCHIVE = (
    "select sum(pg_total_relation_size(inhrelid))::float from pg_inherits where inhparent = 'entry_archive'::regclass"
)


async def measure(running: Bench, arranging: Arranging, options: Options) -> tuple[Stage, Costs]:
    """Everything, on a platform that was just started."""
    idle = await arranging.rest(options.seconds(IDLE_SECONDS))
    patients, sign_in = await arranging.sign_in(idle)
    stage = await arranging.fill(patients)
    entry_bytes, frozen_entry_bytes = await _entries(running)
    units = {kind: await _unit(stage, kind, idle, options) for kind in RATES}
    memory = stage.memory()
    watched = await stage.show({}, options.seconds(IDLE_SECONDS), WATCHES)
    event = await _event(stage, replace(idle, cores=watched.cores), units["reading"], options)
    relay, feed = await _relay(running, idle.cores)
    return stage, Costs(
        machine_cores=psutil.cpu_count() or 1,
        idle=idle.cores,
        units=units | {"sign-in": sign_in, "event": event},
        watch_cores=_each_watch(watched.above(idle.cores)),
        watch_memory=_each_watch({name: size - memory[name] for name, size in watched.memory.items()}),
        entry_bytes=entry_bytes,
        frozen_entry_bytes=frozen_entry_bytes,
        relay_events_per_second=relay,
        feed_seconds=feed,
        jetstream_event_bytes=units["reading"].jetstream_bytes,
    )


def _each_watch(of_all: Mapping[str, float]) -> dict[str, float]:
    """Of the processes that it goes through; what others did meanwhile is not its."""
    return {name: max(0.0, value) / WATCHES for name, value in of_all.items() if name in WATCH_PROCESSES}


async def _entries(running: Bench) -> tuple[float, float]:
    """Bytes of an entry with its indexes, and of one in a frozen month of one patient."""
    (patient,) = await running.patients(1)
    await running.upload([patient], MONTH_DAYS)
    async with running.database() as database:
        size, empty = await database.fetchval(ENTRY_BYTES), await database.fetchval(ARCHIVE)
        await database.execute(AGE, patient.id)
        frozen = await database.fetchval(FREEZE, patient.id)
        full = await database.fetchval(ARCHIVE)
    return float(size), (full - empty) / frozen


async def _unit(stage: Stage, kind: str, idle: Rest, options: Options) -> Unit:
    """Quick calls' times are those of the lower rate, bytes those of the higher one."""
    shows = [await stage.show({kind: rate}, options.seconds(SECONDS)) for rate in RATES[kind]]
    lower, higher = (show.unit(kind, idle) for show in shows)
    return replace(higher, points=[*lower.points, *higher.points], milliseconds=lower.milliseconds)


async def _event(stage: Stage, watched: Rest, reading: Unit, options: Options) -> Unit:
    """Readings of few patients with many watches each, without what the readings take and the watches at rest."""
    few, rate = replace(stage, patients=stage.patients[:FEW]), RATES["reading"][0]
    shown = await few.show({"reading": rate}, options.seconds(SECONDS), WATCHES)
    readings = reading.cores(shown.found["calls"]["reading"] / shown.seconds)
    others = {name: busy + readings.get(name, 0.0) for name, busy in watched.cores.items()}
    event = shown.unit("event", replace(watched, cores=others))
    return replace(event, wal_bytes=0.0, jetstream_bytes=0.0)  # those are the readings'


async def _relay(running: Bench, idle: Mapping[str, float]) -> tuple[float, float]:
    """Events a second that are out when many wait, and the processor time of one in a process that only hears it."""
    client = await nats.connect(running.platform.nats_url)
    async with running.database() as database:
        meter, began = running.meter(), time.perf_counter()
        await database.execute(EVENTS, RELAYED)
        written = time.perf_counter()
        await client.publish("apricot-wake.glucose")
        while await database.fetchval("select exists (select from outbox)"):
            await asyncio.sleep(0.01)
        out = time.perf_counter()
    await client.close()
    await running.settled()
    used = cores_of(meter.read(), seconds := time.perf_counter() - began)
    heard = min(used[name] - idle[name] for name in used if name.startswith("glucose-") and name[-1].isdecimal())
    return RELAYED / (out - written), max(0.0, heard) * seconds / RELAYED
