"""The watchers: one process with many open streams, which tells when each of them got an event."""

import asyncio
import time

import uvloop
from grpc.aio import Channel, UnaryStreamMultiCallable

from benchmarks.channels import open_channels
from benchmarks.child import input_ended, job, report
from benchmarks.people import bearer


class Watchers:
    """`streams` of them."""

    def __init__(self, streams: int, marker: bytes) -> None:
        self._streams = streams
        self._marker = marker
        self._live = 0
        self._arrived: list[float] = []

    async def watch(self, channel: Channel, path: str, request: bytes, token: str, messages_before: int) -> None:
        """One of them; live after so many messages."""
        method: UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(path)
        messages = aiter(method(request, metadata=bearer(token)))
        for _ in range(messages_before):
            await anext(messages)
        self._live += 1
        if self._live == self._streams:
            report(live=True)
        async for message in messages:
            if self._marker in message:
                self._event()

    def _event(self) -> None:
        self._arrived.append(time.monotonic())
        if len(self._arrived) == self._streams:
            report(arrived=self._arrived)
            self._arrived = []


async def main() -> None:
    """Do one job. The next event may be sent when the last one has arrived everywhere."""
    wanted, ended = job(), input_ended()
    streams, tokens = wanted["streams"], wanted["tokens"]
    channels = open_channels(wanted["address"], wanted["channels"])
    watchers = Watchers(streams, wanted["marker"].encode())
    request = bytes.fromhex(wanted["request"])
    stop = asyncio.create_task(ended.wait())
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                watchers.watch(
                    channels[number % len(channels)],
                    wanted["path"],
                    request,
                    tokens[number % len(tokens)],
                    wanted["messages_before"],
                )
            )
            for number in range(streams)
        ]
        await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    uvloop.run(main())
