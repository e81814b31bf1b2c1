"""`catalog`: p99 of `SearchProducts` among 100,000 products and a million offers, at pharmacies most of which deliver
there, through the gateway, one after another and at 8 clients."""

from typing import Any

import asyncpg

from benchmarks.harness import bench
from benchmarks.load import Job
from benchmarks.options import Options, say
from benchmarks.pharmacies import fill
from benchmarks.product_searches import SEARCH
from benchmarks.results import STRANGERS, Goal, Line, Repeat, median_of
from kit.schema import service_url

CLIENTS, PRODUCTS = 8, 100_000
NOTE = "microseconds of processor a call"


async def run(options: Options) -> list[Line]:
    """Measure it: every client searches for things of its own."""
    alone: list[Repeat] = []
    together: list[Repeat] = []
    notes: dict[int, dict[str, Any]] = {}
    async with bench() as running:
        pharmacy = await asyncpg.connect(service_url(running.platform.database_url, "pharmacy"))
        near = await fill(pharmacy, options.many(PRODUCTS))
        await pharmacy.close()
        people = [(one.id, one.token) for one in await running.patients(CLIENTS)]
        for _ in range(options.repeats):
            for clients, repeats in (1, alone), (CLIENTS, together):
                job = Job(running.address, SEARCH, "catalog", people, options.seconds(10), callers=clients)
                found = await running.load(job)
                repeats.append({"p50 ms": found["p50_ms"], "p99 ms": found["p99_ms"], "calls /s": found["per_second"]})
                repeats[-1][STRANGERS], notes[clients] = found[STRANGERS], {NOTE: found["cpu"]}
                say(f"catalog at {clients}: {repeats[-1]}; {notes[clients]}")
    what = f"SearchProducts among {options.many(PRODUCTS):,} products at {near} pharmacies, one client, p99"
    return [
        _line("catalog", what, alone, notes[1]),
        _line(f"catalog, {CLIENTS} clients", f"the same at {CLIENTS} clients, p99", together, notes[CLIENTS]),
    ]


def _line(name: str, what: str, repeats: list[Repeat], notes: dict[str, Any]) -> Line:
    return Line(name, what, median_of(repeats, "p99 ms"), "ms", Goal("most", 50), repeats, notes)
