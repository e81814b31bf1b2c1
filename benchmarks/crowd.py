"""The crowd: one process that does everything that people do, each at a rate of its own, at random instants."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import cycle, islice
from typing import Any

import uvloop
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest
from apricot.identity.v1.auth_pb2 import RefreshTokenRequest, RefreshTokenResponse
from grpc.aio import Channel, UnaryStreamMultiCallable, UnaryUnaryMultiCallable

from benchmarks import requests
from benchmarks.channels import open_channels
from benchmarks.child import input_ended, job, report, told_to_go
from benchmarks.people import bearer
from benchmarks.requests import DEVICES, new_id
from benchmarks.searches import SEARCH, search_requests
from benchmarks.talkers import Talker

REFRESH = "/apricot.identity.v1.AuthService/RefreshToken"
_MOST_UNDER_WAY, _TIMEOUT_SECONDS, _CHANNELS, _WARM_UP_SECONDS = 500, 30, 8, 1.0

type Act = Callable[[], Awaitable[int]]
"""Does something once, and gives the bytes of request and answer."""


class Crowd:
    """All of them."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self._wanted = wanted
        self._channels = open_channels(wanted["address"], _CHANNELS)
        self._watching = open_channels(wanted["address"], wanted["watches"])
        self._talkers: list[Talker] = []
        self._silent: asyncio.Queue[Talker] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._under_way = asyncio.Semaphore(_MOST_UNDER_WAY)
        self._renewable: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        for patient, _, refresh_token in wanted["patients"]:
            self._renewable.put_nowait((patient, refresh_token))
        self._acts = self._all_acts()
        self.forget()

    def forget(self) -> None:
        """Count from now on."""
        self._times: dict[str, list[float]] = {kind: [] for kind in self._wanted["rates"]}
        self._bytes = dict.fromkeys([*self._wanted["rates"], "event"], 0)
        self._events = 0
        for talker in self._talkers:
            talker.times.clear()
            talker.sent = talker.bytes = 0

    def _all_acts(self) -> dict[str, Act]:
        skip = self._wanted["orders_before"]
        doctor = self._wanted["doctor"]
        patients = [(patient, token) for patient, token, _ in self._wanted["patients"]]
        return {
            "reading": self._unary(requests.LOG, [(requests.log_requests(one), token) for one, token in patients]),
            "day": self._unary(requests.LIST, [(requests.list_requests(one), token) for one, token in patients]),
            "other's day": self._unary(requests.LIST, [(requests.list_requests(one), doctor) for one, _ in patients]),
            "search": self._unary(SEARCH, [(search_requests(one), token) for one, token in patients]),
            "order": self._unary(
                requests.ORDER, [(islice(requests.order_requests(one), skip, None), token) for one, token in patients]
            ),
            "refresh": self._refresh,
            "message": self._say,
        }

    def _unary(self, path: str, makers: list[tuple[Iterator[bytes], str]]) -> Act:
        turns = cycle([(made, bearer(token)) for made, token in makers])
        methods: Iterator[UnaryUnaryMultiCallable[bytes, bytes]] = cycle(
            [channel.unary_unary(path) for channel in self._channels]
        )

        async def act() -> int:
            made, metadata = next(turns)
            request = next(made)
            answer = await next(methods)(request, metadata=metadata, timeout=_TIMEOUT_SECONDS)
            return len(request) + len(answer)

        return act

    async def _refresh(self) -> int:
        """One at a time of each session: its token is the last answer's."""
        patient, token = await self._renewable.get()
        method: UnaryUnaryMultiCallable[bytes, bytes] = self._channels[0].unary_unary(REFRESH)
        request = RefreshTokenRequest(request_id=new_id(), refresh_token=token).SerializeToString()
        answer = await method(request, timeout=_TIMEOUT_SECONDS)
        self._renewable.put_nowait((patient, RefreshTokenResponse.FromString(answer).tokens.refresh_token))
        return len(request) + len(answer)

    async def _say(self) -> int:
        """One at a time of each talker: a stream takes no second write before the first is out."""
        talker = await self._silent.get()
        await talker.say()
        self._silent.put_nowait(talker)
        return 0  # the talkers count themselves

    async def join(self) -> None:
        """Open every talk and every watch."""
        for pair in self._wanted["talks"] if "message" in self._wanted["rates"] else ():
            for (hello, token), marks in zip(pair, ((b"A ", b"B "), (b"B ", b"A ")), strict=True):
                talker = Talker(*marks)
                await talker.join(self._channels[0], requests.CONVERSE, bytes.fromhex(hello), token)
                self._talkers.append(talker)
                self._silent.put_nowait(talker)
                self._tasks.append(asyncio.create_task(talker.listen()))
        live = [asyncio.Event() for _ in self._watching]
        patients = cycle(self._wanted["patients"])
        for channel, is_live, (patient, token, _) in zip(self._watching, live, patients, strict=False):
            self._tasks.append(asyncio.create_task(self._watch(channel, patient, token, is_live)))
        await asyncio.gather(*(each.wait() for each in live))

    async def _watch(self, channel: Channel, patient: str, token: str, live: asyncio.Event) -> None:
        request = WatchPatientsRequest(patient_ids=[patient], snapshot_minutes=1).SerializeToString()
        method: UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(requests.WATCH)
        marker, heard = DEVICES.encode(), 0
        async for message in method(request, metadata=bearer(token)):
            heard += 1
            if heard > 1:  # the snapshot, then a heartbeat
                live.set()
            if live.is_set() and marker in message:
                self._events += 1
                self._bytes["event"] += len(message)

    async def work(self, seconds: float) -> float:
        """Do everything at its rate, begun in time whether or not earlier ones have ended; how long it took."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(seconds))
            for kind, rate in self._wanted["rates"].items():
                group.create_task(self._arrivals(group, kind, rate, began + seconds))
        return time.perf_counter() - began

    async def _arrivals(self, group: asyncio.TaskGroup, kind: str, rate: float, end: float) -> None:
        """At exponentially distributed distances."""
        due = time.perf_counter()
        while (due := due + random.expovariate(rate)) < end and time.perf_counter() < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await self._under_way.acquire()
            group.create_task(self._one(kind, due))

    async def _one(self, kind: str, due: float) -> None:
        try:
            moved = await self._acts[kind]()
        finally:
            self._under_way.release()
        self._bytes[kind] += moved
        self._times[kind].append(time.perf_counter() - due)

    async def found(self, seconds: float) -> dict[str, Any]:
        """What was done since `forget`, once every message has arrived."""
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            while sum(len(each.times) for each in self._talkers) < sum(each.sent for each in self._talkers):
                await asyncio.sleep(0.01)
        if "message" in self._times:
            self._times["message"] = [taken for each in self._talkers for taken in each.times]
            self._bytes["message"] = sum(each.bytes for each in self._talkers)
        calls = {kind: len(times) for kind, times in self._times.items()} | {"event": self._events}
        milliseconds = {kind: sorted(1000 * taken for taken in times) for kind, times in self._times.items()}
        renewed = dict(self._renewable.get_nowait() for _ in range(self._renewable.qsize()))
        return {"seconds": seconds, "calls": calls, "bytes": self._bytes, "ms": milliseconds, "renewed": renewed}

    async def leave(self) -> None:
        """Close everything. Errors: what ended a stream early."""
        for task in self._tasks:
            if task.done():
                task.result()
            task.cancel()
        for channel in self._channels + self._watching:
            await channel.close()


async def main() -> None:
    """Do one job: join, warm up, work, tell. Leave when the bench has read its meter."""
    wanted = job()
    crowd = Crowd(wanted)
    await crowd.join()
    await crowd.work(_WARM_UP_SECONDS)
    crowd.forget()
    report(ready=True)
    await told_to_go()
    read = input_ended()
    seconds = await crowd.work(wanted["seconds"])
    report(**await crowd.found(seconds))
    await read.wait()
    await crowd.leave()


if __name__ == "__main__":
    uvloop.run(main())
