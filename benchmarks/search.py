"""`search`: p99 of `SearchDoctors` among 100,000 doctors, through the gateway, one after another and at 8 clients."""

from typing import Any

import asyncpg

from benchmarks.directory import fill
from benchmarks.harness import bench
from benchmarks.load import Job
from benchmarks.options import Options, say
from benchmarks.results import STRANGERS, Goal, Line, Repeat, median_of
from benchmarks.searches import SEARCH
from kit.schema import service_url

CLIENTS, DOCTORS = 8, 100_000
NOTE = "microseconds of processor a call"


async def run(options: Options) -> list[Line]:
    """Measure it: every client searches for things of its own."""
    alone: list[Repeat] = []
    together: list[Repeat] = []
    notes: dict[int, dict[str, Any]] = {}
    async with bench() as running:
        consult = await asyncpg.connect(service_url(running.platform.database_url, "consult"))
        await fill(consult, options.many(DOCTORS))
        await consult.close()
        people = [(one.id, one.token) for one in await running.patients(CLIENTS)]
        for _ in range(options.repeats):
            for clients, repeats in (1, alone), (CLIENTS, together):
                job = Job(running.address, SEARCH, "search", people, options.seconds(10), callers=clients)
                found = await running.load(job)
                repeats.append({"p50 ms": found["p50_ms"], "p99 ms": found["p99_ms"], "calls /s": found["per_second"]})
                repeats[-1][STRANGERS], notes[clients] = found[STRANGERS], {NOTE: found["cpu"]}
                say(f"search at {clients}: {repeats[-1]}; {notes[clients]}")
    what = f"SearchDoctors among {options.many(DOCTORS):,} doctors, a fifth with facets, one client, p99"
    return [
        _line("search", what, alone, notes[1]),
        _line(f"search, {CLIENTS} clients", f"the same at {CLIENTS} clients, p99", together, notes[CLIENTS]),
    ]


def _line(name: str, what: str, repeats: list[Repeat], notes: dict[str, Any]) -> Line:
    return Line(name, what, median_of(repeats, "p99 ms"), "ms", Goal("most", 50), repeats, notes)
