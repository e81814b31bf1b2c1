"""A patient's recorded day as it happens again, in time-lapse and for ever."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, pairwise

from stack.demo.dataset import DemoEntry, Kind, TimedEntry
from stack.demo.lapse import LONGEST_GAP, SPEED


async def replay(day: Sequence[TimedEntry], delay: timedelta) -> AsyncIterator[tuple[datetime, DemoEntry]]:
    """Each line of the day at its moment, with the present instant; after the last it begins anew.

    The first reading comes after `delay`, what was logged before it is left out.
    """
    first = next(index for index, timed in enumerate(day) if timed.entry.kind is Kind.SENSOR)
    clock = asyncio.get_running_loop().time
    began, began_at = clock(), datetime.now(UTC)
    for moment, line in schedule(day[first:], delay):
        await asyncio.sleep(began + moment.total_seconds() - clock())
        # The instant as scheduled: a busy machine's delay would bend the curve.
        yield began_at + moment, line


def schedule(day: Sequence[TimedEntry], delay: timedelta) -> Iterator[tuple[timedelta, DemoEntry]]:
    """When each line is logged, from the begin on. Gaps are cut to `LONGEST_GAP`, that between two days too."""
    gaps = [min(later.at - earlier.at, LONGEST_GAP) / SPEED for earlier, later in pairwise(day)]
    moment = delay
    for timed, gap in cycle(zip(day, [*gaps, LONGEST_GAP / SPEED], strict=True)):
        yield moment, timed.entry
        moment += gap
