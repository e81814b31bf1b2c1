"""`log`: durable `LogEntries` calls/s, one reading each, token checked ÷ an echo's calls/s through the same gateway
with the same token."""

from dataclasses import replace

from benchmarks import bare
from benchmarks.harness import bench
from benchmarks.load import Job
from benchmarks.options import Options, say
from benchmarks.requests import LOG
from benchmarks.results import STRANGERS, Goal, Line, Repeat, ratio_of

PATIENTS, CALLERS = 16, 64


async def run(options: Options) -> list[Line]:
    """Measure it."""
    repeats: list[Repeat] = []
    acknowledged = 0
    async with bench() as running:
        people = [(one.id, one.token) for one in await running.patients(PATIENTS)]
        echo = Job(running.address, bare.ECHO, "log", people, options.seconds(5), callers=CALLERS)
        log = replace(echo, path=LOG)
        for _ in range(options.repeats):
            limit, ours = await running.load(echo), await running.load(log)
            acknowledged += ours["acknowledged"]
            repeat = {"ours /s": ours["per_second"], "echo /s": limit["per_second"]}
            repeat |= {"ours p50 ms": ours["p50_ms"], "ours p99 ms": ours["p99_ms"]}
            repeats.append(repeat | {STRANGERS: max(ours[STRANGERS], limit[STRANGERS])})
            notes = {"microseconds of processor a call": {"ours": ours["cpu"], "echo": limit["cpu"]}}
            say(f"log {repeats[-1]}; {notes}")
        async with running.database() as database:
            stored = await database.fetchval("select count(*) from entry")
    assert stored == acknowledged, f"{acknowledged} answered, {stored} stored"
    return [
        Line(
            "log",
            "durable LogEntries calls/s ÷ echo calls/s, same gateway, same tokens",
            ratio_of(repeats, "ours /s", "echo /s"),
            "",
            Goal("least", 0.8),
            repeats,
            notes,
        )
    ]
