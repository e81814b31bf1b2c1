"""The couriers and who watches them: one process with many open streams, which tells how long each place took from a
courier to each watcher of his."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import uvloop
from apricot.pharmacy.v1.delivery_pb2 import ReportLocationRequest
from apricot.pharmacy.v1.order_pb2 import WatchOrderRequest, WatchOrderResponse
from apricot.pharmacy.v1.place_pb2 import Position
from google.protobuf.timestamp_pb2 import Timestamp
from grpc.aio import (
    Channel,
    StreamStreamCall,
    StreamStreamMultiCallable,
    StreamUnaryMultiCallable,
    UnaryStreamMultiCallable,
)

from benchmarks import bare
from benchmarks.channels import open_channels
from benchmarks.child import job, report
from benchmarks.people import bearer
from benchmarks.requests import REPORT_LOCATION, WATCH_ORDER

_WARM_UP_SECONDS = 3.0

type Write = Callable[[bytes], Awaitable[object]]
type Read = Callable[[], Awaitable[object]]


async def watched(channel: Channel, order: str, token: str) -> Read:
    """An order's watch, behind its order."""
    request = WatchOrderRequest(order_id=order).SerializeToString()
    method: UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(WATCH_ORDER)
    stream = method(request, metadata=bearer(token))
    first = await stream.read()
    assert isinstance(first, bytes)
    assert WatchOrderResponse.FromString(first).HasField("order")
    return stream.read


async def reporting(channel: Channel, _: str, token: str) -> Write:
    """A courier's stream of places."""
    method: StreamUnaryMultiCallable[bytes, bytes] = channel.stream_unary(REPORT_LOCATION)
    return method(metadata=bearer(token)).write


async def bare_watched(channel: Channel, name: str, token: str) -> Read:
    """The same of the bare relay."""
    return (await _relay(channel, name, token)).read


async def bare_reporting(channel: Channel, name: str, token: str) -> Write:
    """The same of the bare relay."""
    return (await _relay(channel, name, token)).write


async def _relay(channel: Channel, name: str, token: str) -> "StreamStreamCall[bytes, bytes]":
    method: StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(bare.RELAY)
    stream = method(metadata=bearer(token))
    await stream.write(name.encode())
    await stream.read()
    return stream


def sent_time(message: bytes) -> Timestamp | None:
    """When a place was sent that a watcher of ours got; None: it is none."""
    response = WatchOrderResponse.FromString(message)
    return response.position.time if response.HasField("position") else None


def bare_sent_time(message: bytes) -> Timestamp | None:
    """The same of a relayed one."""
    return ReportLocationRequest.FromString(message).time


class Fleet:
    """All of them."""

    def __init__(self) -> None:
        self.couriers: list[Write] = []
        self.times: list[float] = []
        self.sent = 0

    async def listen(self, read: Read, sent: Callable[[bytes], Timestamp | None]) -> None:
        """For the places that one watcher gets."""
        while isinstance(message := await read(), bytes):
            if (began := sent(message)) is not None:
                self.times.append(time.time() - began.ToNanoseconds() / 1e9)

    async def drive(self, seconds: float) -> None:
        """A place of each courier a second, one courier after the other, whether or not earlier ones have arrived."""
        began, number = time.monotonic(), 0
        while (due := number / len(self.couriers)) < seconds:
            await asyncio.sleep(max(0.0, began + due - time.monotonic()))
            place = ReportLocationRequest(position=Position(latitude=31.23, longitude=121.47 + due / 1e5))
            place.time.FromNanoseconds(time.time_ns())
            await self.couriers[number % len(self.couriers)](place.SerializeToString())
            self.sent += 1
            number += 1


async def main() -> None:
    """Do one job: join, warm up, and drive."""
    wanted = job()
    is_bare = wanted["bare"]
    channels, fleet, room = open_channels(wanted["address"], wanted["channels"]), Fleet(), asyncio.Semaphore(50)
    reads: list[Read] = []

    async def join(number: int, order: str, courier: str, watchers: list[str]) -> None:
        channel = channels[number % len(channels)]
        async with room:
            for token in watchers:
                reads.append(await (bare_watched if is_bare else watched)(channel, order, token))
            fleet.couriers.append(await (bare_reporting if is_bare else reporting)(channel, order, courier))

    await asyncio.gather(*(join(number, *each) for number, each in enumerate(wanted["deliveries"])))
    listening = [asyncio.create_task(fleet.listen(read, bare_sent_time if is_bare else sent_time)) for read in reads]
    await fleet.drive(_WARM_UP_SECONDS)
    await asyncio.sleep(1)  # for the last ones to arrive
    fleet.times.clear()
    fleet.sent = 0
    report(live=True)
    await fleet.drive(wanted["seconds"])
    await asyncio.sleep(1)  # for the last ones to arrive
    report(times=fleet.times, sent=fleet.sent)
    for task in listening:
        if task.done():
            task.result()  # a stream that ended is an error
        task.cancel()
    for channel in channels:
        await channel.close()


if __name__ == "__main__":
    uvloop.run(main())
