"""`start`: `make run` from an installed tree to the first live reading on screen: a fresh state, and a second start."""

import asyncio
import os
import re
import signal
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from pathlib import Path

from benchmarks.options import Options, say
from benchmarks.results import Goal, Line, Repeat, median_of
from stack.testing import remove_state

ROOT = Path(__file__).parents[1]
READING = re.compile(r"^\d\d:\d\d:\d\d .* (mg/dL|mmol/L)")
PORTS = "GATEWAY", "GATEWAY_ADMIN", "POSTGRES", "NATS"
FRESH, SECOND = "fresh s", "second s"


async def run(options: Options) -> list[Line]:
    """Measure it."""
    repeats: list[Repeat] = []
    for _ in range(options.repeats):
        state = Path(tempfile.mkdtemp(prefix="apricot-"))
        try:
            fresh = await _start(state)
            second = await _start(state)
        finally:
            remove_state(state)
        repeats.append({FRESH: fresh, SECOND: second})
        say(f"start {repeats[-1]}")
    return [
        Line("start", "make run to the first live reading, fresh state", *_seconds(repeats, FRESH)),
        Line("start, again", "the same on the state of the first", *_seconds(repeats, SECOND)),
    ]


def _seconds(repeats: list[Repeat], part: str) -> tuple[float, str, Goal, list[Repeat]]:
    return median_of(repeats, part), "s", Goal("most", 8), repeats


async def _start(state: Path) -> float:
    """Seconds until the first reading was shown; then Ctrl-C."""
    ports = {f"APRICOT_{part}_PORT": "0" for part in PORTS}
    environment = os.environ | ports | {"APRICOT_STATE_DIR": str(state), "MAKEFLAGS": ""}
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *("make", "-C", str(ROOT), "run"), stdin=DEVNULL, stdout=PIPE, env=environment, start_new_session=True
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(120):
            while line := (await process.stdout.readline()).decode():
                if READING.match(line):
                    return time.monotonic() - began
        raise RuntimeError("`make run` ended before it showed a reading")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        await process.communicate()
