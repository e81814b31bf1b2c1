"""The load generator: one process, one asyncio loop, ready bytes in and bytes out."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle

import uvloop
from grpc.aio import Channel, UnaryUnaryMultiCallable

from benchmarks import product_searches, requests, searches
from benchmarks.channels import open_channels
from benchmarks.child import input_ended, job, report
from benchmarks.people import bearer
from benchmarks.results import percentile

MAKERS = {
    "log": requests.log_requests,
    "list": requests.list_requests,
    "list-day": requests.list_day_requests,
    "search": searches.search_requests,
    "catalog": product_searches.search_requests,
    "book": requests.book_requests,
    "order": requests.order_requests,
}
MOST_UNDER_WAY = 1000

type Unary = UnaryUnaryMultiCallable[bytes, bytes]
type Call = Callable[[float], Coroutine[None, None, None]]
"""Makes one call, whose time counts from the given instant."""


@dataclass(frozen=True)
class Job:
    """What to do. The callers share out the people among them, and the channels."""

    address: str
    path: str
    make: str
    """Which requests: a name in `MAKERS`."""
    people: list[tuple[str, str]]
    """Patients and their tokens."""
    seconds: float
    """How long to measure, unless the input ends before."""
    callers: int = 64
    channels: int = 4
    rate: float = 0.0
    """Calls a second, begun in time whether or not earlier ones have ended; 0: one after the other."""
    warm_up: float = 1.0

    def as_json(self) -> dict[str, object]:
        """For `child`."""
        return asdict(self)


class Load:
    """The generator at work."""

    def __init__(self, job: Job, channels: Sequence[Channel], stop: asyncio.Event) -> None:
        self._job = job
        self._channels = channels
        self._stop = stop
        self._measuring = False
        self.times: list[float] = []
        self.acknowledged = 0
        """Calls answered, those of the warm-up included."""

    async def run(self) -> float:
        """Warm up, measure, and give the seconds measured."""
        calls = [self._call(number) for number in range(self._job.callers)]
        work = self._in_time(calls) if self._job.rate else self._closed(calls)
        working = asyncio.create_task(work)
        await self._wait(self._job.warm_up, working)
        report(started=True)
        began = time.perf_counter()
        self._measuring = True
        await self._wait(self._job.seconds, working)
        self._measuring = False
        seconds = time.perf_counter() - began
        self._stop.set()
        await working
        return seconds

    async def _wait(self, seconds: float, working: asyncio.Task[None]) -> None:
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait([stopped, working], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()

    def _call(self, number: int) -> Call:
        people = self._job.people[number % len(self._job.people) :: self._job.callers]
        turns = cycle([(MAKERS[self._job.make](patient), bearer(token)) for patient, token in people])
        method: Unary = self._channels[number % len(self._channels)].unary_unary(self._job.path)

        async def call(since: float) -> None:
            made, metadata = next(turns)
            await method(next(made), metadata=metadata, timeout=10)
            self.acknowledged += 1
            if self._measuring:
                self.times.append(time.perf_counter() - since)

        return call

    async def _closed(self, calls: list[Call]) -> None:
        async def caller(call: Call) -> None:
            while not self._stop.is_set():
                await call(time.perf_counter())

        async with asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(caller(call))

    async def _in_time(self, calls: list[Call]) -> None:
        began, number = time.perf_counter(), 0
        under_way = asyncio.Semaphore(MOST_UNDER_WAY)
        async with asyncio.TaskGroup() as group:
            while not self._stop.is_set():
                due = began + number / self._job.rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                await under_way.acquire()
                task = group.create_task(calls[number % len(calls)](due))
                task.add_done_callback(lambda _: under_way.release())
                number += 1


async def main() -> None:
    """Do one job."""
    wanted = Job(**job())
    channels = open_channels(wanted.address, wanted.channels)
    load = Load(wanted, channels, input_ended())
    seconds = await load.run()
    report(
        seconds=seconds,
        per_second=len(load.times) / seconds,
        p50_ms=percentile(load.times, 50) * 1000,
        p99_ms=percentile(load.times, 99) * 1000,
        calls=len(load.times),
        acknowledged=load.acknowledged,
    )
    for channel in channels:
        await channel.close()


if __name__ == "__main__":
    uvloop.run(main())
