"""`last-day`: `ListEntries` for one patient's last 288 readings, alone and at 16 clients."""

from typing import Any

from benchmarks.harness import bench
from benchmarks.load import Job
from benchmarks.options import Options, say
from benchmarks.requests import DAY_READINGS, LIST
from benchmarks.results import STRANGERS, Goal, Line, Repeat, median_of

CLIENTS, DAYS = 16, 14
NOTE = "microseconds of processor a call"


async def run(options: Options) -> list[Line]:
    """Measure it: every client reads a diary of its own, of two weeks."""
    alone: list[Repeat] = []
    together: list[Repeat] = []
    notes: dict[int, dict[str, Any]] = {}
    async with bench() as running:
        patients = await running.patients(CLIENTS)
        await running.upload(patients, DAYS)
        await running.check_list(patients[0], DAY_READINGS)
        people = [(one.id, one.token) for one in patients]
        for _ in range(options.repeats):
            for clients, repeats in (1, alone), (CLIENTS, together):
                job = Job(running.address, LIST, "list", people, options.seconds(4), callers=clients)
                found = await running.load(job)
                repeats.append({"p50 ms": found["p50_ms"], "p99 ms": found["p99_ms"], "calls /s": found["per_second"]})
                repeats[-1][STRANGERS], notes[clients] = found[STRANGERS], {NOTE: found["cpu"]}
                say(f"last-day at {clients}: {repeats[-1]}; {notes[clients]}")
    return [
        _line("last-day", "ListEntries of 288 readings, one client, p50", alone, notes[1], 4),
        _line("last-day, 16 clients", "the same at 16 clients, p50", together, notes[CLIENTS], 25),
    ]


def _line(name: str, what: str, repeats: list[Repeat], notes: dict[str, Any], goal_ms: float) -> Line:
    return Line(name, what, median_of(repeats, "p50 ms"), "ms", Goal("most", goal_ms), repeats, notes)
