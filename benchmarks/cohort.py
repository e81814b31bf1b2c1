"""`cohort`: p50 of `GetCohort` for 1,000 patients with 14 days of readings each, through the gateway, and how it grows
with the number of patients.

PostgreSQL makes the patients, their grants and their readings itself; the worker makes the daily figures. Beside the
whole: what the chain needs before the method begins, and who used how much of the machine.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import asyncpg
import grpc
from apricot.glucose.v1.report_pb2 import GetCohortRequest, GetCohortResponse

from benchmarks.harness import Bench, bench
from benchmarks.options import Options, say
from benchmarks.people import Person
from benchmarks.requests import DAY_READINGS, new_id
from benchmarks.results import STRANGERS, Goal, Line, Repeat, median_of, percentile, ratio_of
from kit.schema import service_url

COHORT = "/apricot.glucose.v1.ReportService/GetCohort"
SIZES, DAYS, CALLS = (250, 500, 1000), 14, 10
SCOPES = ("report_read", "alert_read", "plan_read")
KEPT_SECONDS = 5.5
"""For so long glucose keeps what identity answered: the first call after it asks for each patient again."""
ACCOUNTS = """
insert into account (account_id, phone, display_name, sex, time_zone, language, create_time)
select patient_id, patient_id::text, '', 'unspecified', '', '', now() from unnest($1::uuid[]) as patient_id
"""
GRANTS = """
insert into care_grant (grant_id, patient_id, account_id, scopes, create_time, expiry_told)
select gen_random_uuid(), patient_id, $2, $3::text[], now(), false from unnest($1::uuid[]) as patient_id
"""
# In the order in which they would have come: everybody's reading of an instant, then the next instant's.
READINGS = """
insert into entry (patient_id, entry_id, time, kind, device, slot, utc_offset_minutes, unit, mg_per_dl,
                   content_digest, body)
select patient_id, gen_random_uuid(), time, 10, 'bench', '', 480, 1, 60 + random() * 200,
       decode(md5(time::text), 'hex'), convert_to(repeat('x', 150), 'UTF8')
from generate_series(now() - $2 * interval '1 day', now() - ($2 - 1) * interval '1 day' - interval '5 minutes',
                     '5 minutes') as time,
     unnest($1::uuid[]) as patient_id
order by time
"""


async def run(options: Options) -> list[Line]:
    """Measure it."""
    repeats: list[Repeat] = []
    notes: dict[str, Any] = {}
    sizes = tuple(options.many(size) for size in SIZES)
    async with bench() as running:
        (clinician,) = await running.patients(1)
        ids, notes = await _fill(running, clinician, sizes[-1])
        for _ in range(options.repeats):
            repeat: Repeat = {}
            meter = running.meter()
            await asyncio.sleep(KEPT_SECONDS)
            repeat["first ms"] = (await _times(running, clinician, ids, 1))[0]
            for size in sizes:
                repeat[f"{size} p50 ms"] = percentile(await _times(running, clinician, ids[:size], CALLS), 50)
            reading = meter.read()
            repeat[STRANGERS] = reading.strangers
            notes["microseconds of processor a patient and call"] = reading.per(sizes[-1] + sum(sizes) * CALLS)
            repeats.append(repeat)
            say(f"cohort {repeat}; {notes}")
    smallest, largest = sizes[0], sizes[-1]
    growth = ratio_of(repeats, f"{largest} p50 ms", f"{smallest} p50 ms") * smallest / largest
    what = f"GetCohort of {largest:,} patients × {DAYS} days ({largest * DAYS * DAY_READINGS:,} readings), p50"
    return [
        Line("cohort", what, median_of(repeats, f"{largest} p50 ms"), "ms", Goal("most", 1000), repeats, notes),
        Line(
            "cohort, growth",
            f"time for one of {largest:,} patients ÷ for one of {smallest:,}",
            growth,
            "",
            Goal("most", 1.2),
            repeats,
        ),
    ]


async def _times(running: Bench, clinician: Person, ids: Sequence[str], calls: int) -> list[float]:
    """Milliseconds of each call, one after the other."""
    request = GetCohortRequest(patient_ids=ids, last_days=DAYS).SerializeToString()
    call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = running.channel.unary_unary(COHORT)
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        answer = await call(request, metadata=clinician.metadata, timeout=20)
        times.append((time.perf_counter() - began) * 1000)
        assert GetCohortResponse.FromString(answer).total_count == len(ids)
    return times


async def _fill(running: Bench, clinician: Person, patients: int) -> tuple[list[str], dict[str, Any]]:
    """Patients who let the clinician see their reports, and how long their days took to settle."""
    ids = [new_id() for _ in range(patients)]
    identity = await asyncpg.connect(service_url(running.platform.database_url, "identity"))
    await identity.execute(ACCOUNTS, ids)
    await identity.execute(GRANTS, ids, clinician.id, SCOPES)
    await identity.close()
    began = time.perf_counter()
    async with running.database() as database:
        await database.execute("set synchronous_commit = off")
        for days_ago in range(DAYS, 0, -1):
            await database.execute(READINGS, ids, days_ago)
        stored = await database.fetchval("select count(*) from entry")
        filled = time.perf_counter()
        await running.settled()
        settled = time.perf_counter()
        await database.execute("vacuum analyze entry, glucose_day, glucose_day_mark")
        await database.execute("checkpoint")
    notes = {"readings": stored, "seconds to fill": filled - began, "seconds then to settle the rest": settled - filled}
    say(f"cohort: {notes}")
    return ids, notes
