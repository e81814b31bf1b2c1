"""`upload`: readings/s accepted by `UploadEntries` ÷ rows/s of a bare insert of the same rows into the same PostgreSQL.

The rows of the bare insert are those that the upload has stored, in the same batches, on one connection and on two;
the faster counts.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from itertools import batched, groupby
from typing import Any

import asyncpg

from benchmarks.child import child
from benchmarks.harness import Bench, bench
from benchmarks.options import Options, say
from benchmarks.requests import BATCH, DAY_READINGS
from benchmarks.results import STRANGERS, Goal, Line, Repeat, ratio_of

PATIENTS, DAYS, STREAMS = 100, 14, 8

COLUMNS = "patient_id, entry_id, time, kind, device, slot, utc_offset_minutes, unit, mg_per_dl, content_digest, body"
INSERT = (
    f"insert into bench_entry ({COLUMNS}) "  # noqa: S608  fixed words
    "select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::int2[], "
    "$5::text[], $6::text[], $7::int2[], $8::int2[], $9::float4[], $10::bytea[], $11::bytea[]) on conflict do nothing"
)

type Batch = Sequence[Sequence[Any]]
"""Columns."""


async def run(options: Options) -> list[Line]:
    """Measure it."""
    repeats: list[Repeat] = []
    notes: dict[str, Any] = {}
    for _ in range(options.repeats):
        async with bench() as running:  # a platform of its own: nothing may delete from a diary, and each begins empty
            ours, strangers, notes = await _upload(running, options.many(PATIENTS))
            batches = await _stored(running)
            one, two = [await _insert(running, batches, connections) for connections in (1, 2)]
        repeats.append(
            {"ours /s": ours, "bare /s": max(one, two), "bare, 1 /s": one, "bare, 2 /s": two, STRANGERS: strangers}
        )
        say(f"upload {repeats[-1]}; {notes}")
    return [
        Line(
            "upload",
            "readings/s of UploadEntries ÷ rows/s of a bare insert … unnest",
            ratio_of(repeats, "ours /s", "bare /s"),
            "",
            Goal("least", 0.6),
            repeats,
            notes,
        )
    ]


async def _upload(running: Bench, patients: int) -> tuple[float, float, dict[str, Any]]:
    """Readings/s, the cores busy with others, and who used how much of the processor for one."""
    people = [(one.id, one.token) for one in await running.patients(patients)]
    async with running.database() as database:
        await database.execute("checkpoint")
    job = {"address": running.address, "people": people, "days": DAYS, "streams": STREAMS}
    async with child("benchmarks.uploads", job) as uploader:
        await uploader.read()
        meter = running.meter(generator=uploader.pid)
        found = await uploader.read()
        reading = meter.read()
    created = found["created"]
    assert created == patients * DAYS * DAY_READINGS, f"{created} created"
    began = time.perf_counter()
    await running.settled()
    notes = {
        "microseconds of processor a reading": reading.per(created),
        "seconds until the last event was out": round(time.perf_counter() - began, 2),
    }
    return created / found["seconds"], reading.strangers, notes


async def _stored(running: Bench) -> list[Batch]:
    """What the upload stored, as the batches in which it came."""
    async with running.database() as database:
        rows = await database.fetch(f"select {COLUMNS} from entry order by patient_id, time")  # noqa: S608  fixed words
    return [
        list(zip(*batch, strict=True))
        for _, diary in groupby(rows, key=lambda row: row["patient_id"])
        for batch in batched(diary, BATCH)
    ]


async def _insert(running: Bench, batches: Sequence[Batch], connections: int) -> float:
    """Rows/s."""
    async with running.database() as database:
        await database.execute("drop table if exists bench_entry")
        await database.execute("create table bench_entry (like entry including all)")
        await database.execute("checkpoint")
    waiting = iter(batches)

    async def work(connection: asyncpg.Connection, work: Iterable[Batch]) -> None:
        for batch in work:
            await connection.execute(INSERT, *batch)

    async with running.database() as one, running.database() as two:
        began = time.perf_counter()
        await asyncio.gather(*(work(connection, waiting) for connection in (one, two)[:connections]))
        seconds = time.perf_counter() - began
        stored: int = await one.fetchval("select count(*) from bench_entry")
    assert stored == sum(len(batch[0]) for batch in batches)
    return stored / seconds
