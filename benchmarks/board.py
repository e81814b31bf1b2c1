"""`board`: the clinician's board of 2,000 patients under 200 events a second: its frames, and an hour's memory."""

from benchmarks.child import child
from benchmarks.options import Options, say
from benchmarks.results import Goal, Line, Repeat, median_of

PATIENTS, PER_SECOND = 2000, 200
P50, P99, CPU = "p50 ms", "p99 ms", "processor p99 ms"
BEGIN, MIDDLE, END = "RSS at the begin MB", "RSS at half time MB", "RSS at the end MB"


async def run(options: Options) -> list[Line]:
    """Measure it, each time in a process of its own."""
    frames: list[Repeat] = []
    memory: list[Repeat] = []
    for _ in range(options.repeats):
        job = {
            "patients": PATIENTS,
            "per_second": PER_SECOND,
            "seconds": options.seconds(15),
            "hour_events": options.many(PER_SECOND * 3600),
        }
        async with child("benchmarks.board_screen", job) as screen:
            live = await screen.read()
            hour = await screen.read()
        frames.append({P99: live["p99"], P50: live["p50"], CPU: live["processor_p99"], "frames": live["count"]})
        begin, _, middle, _, end = hour["sizes"]
        memory.append({END: end, MIDDLE: middle, BEGIN: begin, "events taken in /s": hour["per_second"]})
        say(f"board {frames[-1]}, {memory[-1]}")
    what = f"{PATIENTS:,} patients, {PER_SECOND} events/s"
    return [
        Line(
            "board",
            f"a frame's flush and repaint, p99; {what}",
            median_of(frames, P99),
            "ms",
            Goal("most", 16),
            frames,
        ),
        Line(
            "board, memory",
            "resident memory of the app after an hour's events",
            median_of(memory, END),
            "MB",
            Goal("most", 400),
            memory,
        ),
    ]
