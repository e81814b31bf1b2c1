"""`memory`: resident memory of each idle service, after its start and after some work; the engines beside it."""

from typing import Any

import psutil

from benchmarks.harness import Bench, bench
from benchmarks.load import Job
from benchmarks.options import Options, say
from benchmarks.requests import LOG
from benchmarks.results import Goal, Line, Repeat, median_of

SERVICES, ENGINES, PATIENTS = ("identity", "glucose-1", "consult-1", "pharmacy-1"), ("gateway", "nats", "postgres"), 16
RSS, WORKED = "RSS MB", "RSS after work MB"


async def run(options: Options) -> list[Line]:
    """Measure it."""
    repeats: dict[str, list[Repeat]] = {name: [] for name in SERVICES + ENGINES}
    for _ in range(options.repeats):
        async with bench() as running:
            fresh = _all(running)
            patients = await running.patients(PATIENTS)
            people = [(one.id, one.token) for one in patients]
            await running.load(Job(running.address, LOG, "log", people, options.seconds(5)))
            await running.settled()
            worked = _all(running)
        for name, found in repeats.items():
            found.append(fresh[name] | {WORKED: worked[name][RSS]})
            say(f"memory {name}: {found[-1]}")
    return [
        Line(
            f"memory, {name}",
            "resident memory, idle",
            max(median_of(found, RSS), median_of(found, WORKED)) if name in SERVICES else median_of(found, "PSS MB"),
            "MB" if name in SERVICES else "MB (PSS)",
            Goal("most", 120) if name in SERVICES else None,
            found,
        )
        for name, found in repeats.items()
    ]


def _all(running: Bench) -> dict[str, Repeat]:
    return {name: _memory(process) for name, process in running.processes().items() if name in SERVICES + ENGINES}


def _memory(process: psutil.Process) -> Repeat:
    """With its children. RSS counts what they share once for each of them, PSS once in all."""
    sizes: list[Any] = [one.memory_full_info() for one in (process, *process.children(recursive=True))]
    return {f"{name.upper()} MB": sum(getattr(size, name) for size in sizes) / 1e6 for name in ("rss", "pss", "uss")}
