"""`growth`: p50 of one patient's last 24 hours in a large diary ÷ in one of 300,000 rows.

Two platforms side by side, whose rows PostgreSQL makes itself, in the order in which they would have come: everybody's
readings of an instant, then the next instant's. So a patient's day lies on as many pages as it would.
"""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from benchmarks import people
from benchmarks.harness import Bench, bench
from benchmarks.load import Job
from benchmarks.options import Options, say
from benchmarks.people import Person
from benchmarks.requests import DAY_READINGS, LIST, new_id, reading
from benchmarks.results import STRANGERS, Goal, Line, Repeat, ratio_of

MARK = new_id()
SMALL, LARGE, FULL, READERS, DAYS = 300_000, 3_000_000, 30_000_000, 64, 14

FILL = """
insert into entry (patient_id, entry_id, time, kind, device, slot, utc_offset_minutes, unit, mg_per_dl,
                   content_digest, body)
select patient_id, entry_id, time, 10, 'bench', '', 480, 1, 60 + random() * 200, decode(md5(entry_id::text), 'hex'),
  $1::bytea || convert_to(entry_id::text, 'UTF8') || $2::bytea
from (
  select patient_id, gen_random_uuid() as entry_id, time
  from generate_series($3::timestamptz, $4::timestamptz, '5 minutes') as time, bench_patient
  order by time offset 0
) as made
"""


async def run(options: Options) -> list[Line]:
    """Measure it."""
    sizes = SMALL, FULL if options.full else LARGE
    if options.quick:
        sizes = SMALL, 2 * SMALL
    repeats: list[Repeat] = []
    async with AsyncExitStack() as stack:
        platforms = [await stack.enter_async_context(bench()) for _ in sizes]
        readers = [await _fill(running, rows) for running, rows in zip(platforms, sizes, strict=True)]
        small, large = [
            Job(running.address, LIST, "list-day", await _fresh(running, found), options.seconds(4), callers=1)
            for running, found in zip(platforms, readers, strict=True)
        ]
        for _ in range(options.repeats):
            at_small, at_large = await platforms[0].load(small), await platforms[1].load(large)
            repeat = {"large p50 ms": at_large["p50_ms"], "small p50 ms": at_small["p50_ms"]}
            repeat |= {STRANGERS: max(at_small[STRANGERS], at_large[STRANGERS])}
            repeats.append(repeat | {"large p99 ms": at_large["p99_ms"], "small p99 ms": at_small["p99_ms"]})
            say(f"growth {repeats[-1]}")
    return [
        Line(
            "growth",
            f"p50 of one patient's last 24 h at {sizes[1]:,} rows ÷ at {sizes[0]:,}"
            + ("" if options.full else f" (the goal is for {FULL:,}: --full)"),
            ratio_of(repeats, "large p50 ms", "small p50 ms"),
            "",
            Goal("most", 1.2),
            repeats,
        )
    ]


async def _fill(running: Bench, rows: int) -> list[Person]:
    """The patients who will read."""
    readers = await running.patients(READERS)
    days, patients = DAYS, rows // (DAYS * DAY_READINGS)
    ids = [reader.id for reader in readers]
    ids += [new_id() for _ in range(patients - len(ids))]
    sample = reading(int(time.time()), entry_id=MARK, device="bench")
    sample.revision, sample.author_id = 1, readers[0].id
    sample.record_time.CopyFrom(sample.time)
    head, tail = sample.SerializeToString().split(MARK.encode())
    now = datetime.now(UTC)
    last = now - timedelta(seconds=now.timestamp() % 300)
    began = time.perf_counter()
    async with running.database() as database:
        await database.execute("set synchronous_commit = off")
        await database.execute("create temporary table bench_patient as select unnest($1::uuid[]) as patient_id", ids)
        for day in range(days, 0, -1):
            first = last - timedelta(days=day) + timedelta(minutes=5)
            await database.execute(FILL, head, tail, first, first + timedelta(days=1, minutes=-5))
        await running.settled()
        await database.execute("vacuum analyze entry")
        await database.execute("checkpoint")
        stored = await database.fetchval("select count(*) from entry")
    say(f"growth: {stored:,} rows in {time.perf_counter() - began:.0f} s")
    return readers


async def _fresh(running: Bench, readers: Sequence[Person]) -> list[tuple[str, str]]:
    """Filling takes longer than a token lives."""
    renewed = [await people.renew(running.channel, reader) for reader in readers]
    await running.check_list(renewed[0], DAY_READINGS)
    return [(one.id, one.token) for one in renewed]
