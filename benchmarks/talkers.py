"""The talkers: one process with many pairs of open streams, which tells how long each message took from one of a pair
to the other."""

import asyncio
import random
import time
from uuid import uuid4

import uvloop
from apricot.consult.v1.conversation_pb2 import ConverseRequest, MessageContent, Send
from grpc.aio import Channel, StreamStreamCall, StreamStreamMultiCallable

from benchmarks.channels import open_channels
from benchmarks.child import job, report
from benchmarks.people import bearer

_MARK = b"sent at "
_DIGITS = 24
_WARM_UP_SECONDS = 3.0


class Talker:
    """One of a pair."""

    def __init__(self, side: bytes, other: bytes) -> None:
        self._mark = _MARK + side
        self._others_mark = _MARK + other
        self._stream: StreamStreamCall[bytes, bytes] | None = None
        self.times: list[float] = []
        self.sent = 0
        self.bytes = 0
        """Said and heard."""

    async def join(self, channel: Channel, path: str, hello: bytes, token: str) -> None:
        """Until the other end says something."""
        method: StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(path)
        self._stream = method(metadata=bearer(token))
        await self._stream.write(hello)
        await self._stream.read()

    async def listen(self) -> None:
        """For what the other one says."""
        assert self._stream is not None
        while isinstance(message := await self._stream.read(), bytes):
            self.bytes += len(message)
            place = message.find(self._others_mark)
            if place >= 0:
                began = place + len(self._others_mark)
                self.times.append(time.monotonic() - float(message[began : began + _DIGITS]))

    async def say(self) -> None:
        """A message with its time."""
        assert self._stream is not None
        self.sent += 1
        text = f"{self._mark.decode()}{time.monotonic():0{_DIGITS}.9f}, how are you today?"
        frame = ConverseRequest(send=Send(client_id=str(uuid4()), content=MessageContent(text=text)))
        said = frame.SerializeToString()
        self.bytes += len(said)
        await self._stream.write(said)


async def main() -> None:
    """Do one job: join, warm up, and say so many messages a second."""
    wanted = job()
    channels = open_channels(wanted["address"], wanted["channels"])
    talkers: list[Talker] = []
    room = asyncio.Semaphore(50)

    async def join(number: int, side: int, hello: str, token: str) -> None:
        talker = Talker(*(b"A ", b"B ") if side == 0 else (b"B ", b"A "))
        async with room:
            await talker.join(channels[number % len(channels)], wanted["path"], bytes.fromhex(hello), token)
        talkers.append(talker)

    ends = [(side, *end) for pair in wanted["pairs"] for side, end in enumerate(pair)]
    await asyncio.gather(*(join(number, *end) for number, end in enumerate(ends)))
    listening = [asyncio.create_task(talker.listen()) for talker in talkers]
    await _say(talkers, wanted["rate"], _WARM_UP_SECONDS)
    await asyncio.sleep(1)  # for the last ones to arrive
    for talker in talkers:
        talker.times.clear()
        talker.sent = 0
    report(live=True)
    await _say(talkers, wanted["rate"], wanted["seconds"])
    await asyncio.sleep(1)  # for the last ones to arrive
    times = [taken for talker in talkers for taken in talker.times]
    report(times=times, sent=sum(talker.sent for talker in talkers))
    for task in listening:
        if task.done():
            task.result()  # a stream that ended is an error
        task.cancel()
    for channel in channels:
        await channel.close()


async def _say(talkers: list[Talker], rate: float, seconds: float) -> None:
    """In time, whether or not earlier ones have arrived."""
    began, number = time.monotonic(), 0
    while (due := number / rate) < seconds:
        await asyncio.sleep(max(0.0, began + due - time.monotonic()))
        await random.choice(talkers).say()
        number += 1


if __name__ == "__main__":
    uvloop.run(main())
