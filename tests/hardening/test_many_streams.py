"""Watches that only wait. `STREAMS=10000` opens as many; a thousand otherwise."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import grpc
import pytest
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest

from services.glucose.rpc.watchers import MOST_OF_ACCOUNT
from stack.platform import Platform
from tests.e2e.signer import Signer
from tests.e2e.wire import OPTIONS, bearer, outcome_of
from tests.faults.metrics import watchers
from tests.hardening.siege import siege
from tests.kit.running import until
from tests.people import Person

type Stream = grpc.aio.UnaryStreamCall[bytes, bytes]

STREAMS = int(os.environ.get("STREAMS", "1000"))
OF_A_CHANNEL = 500
AT_ONCE = 50
WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"
MOST_KIB_OF_STREAM = 200
"""In any one process; the caches of a process that begins to serve are on top."""


@asynccontextmanager
async def channels(address: str, count: int) -> AsyncIterator[list[grpc.aio.Channel]]:
    async with AsyncExitStack() as stack:
        opened = [grpc.aio.insecure_channel(address, options=OPTIONS) for _ in range(count)]
        yield [await stack.enter_async_context(channel) for channel in opened]


async def watch(channel: grpc.aio.Channel, signer: Signer, account_id: str) -> Stream:
    """A watch of oneself, behind its snapshot."""
    method: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(WATCH)
    request = WatchPatientsRequest(patient_ids=[account_id]).SerializeToString()
    stream = method(request, metadata=bearer(signer.token(account_id)))
    await stream.read()
    return stream


@pytest.mark.timeout(1200 + STREAMS // 10)
async def test_a_thousand_idle_watches(platform: Platform, forger: Signer, bystander: Person) -> None:
    before = await watchers(platform)
    gateway = platform.gateway_address.removeprefix("http://")
    turn = asyncio.Semaphore(AT_ONCE)
    most_mib = 100 + STREAMS * MOST_KIB_OF_STREAM // 1024
    async with channels(gateway, -(-STREAMS // OF_A_CHANNEL)) as opened, siege(platform, bystander, most_mib=most_mib):

        async def one(number: int) -> Stream:
            async with turn:
                return await watch(opened[number // OF_A_CHANNEL], forger, str(uuid4()))

        streams = await asyncio.gather(*map(one, range(STREAMS)))
        assert await watchers(platform) >= STREAMS
        await asyncio.gather(*(stream.read() for stream in streams))  # a sign of life for each of them
        for stream in streams:
            stream.cancel()

    async def gone() -> bool:
        return await watchers(platform) <= before

    await until(gone)


async def test_one_account_has_so_many_watches(platform: Platform, forger: Signer) -> None:
    """At each replica."""
    account_id, other = str(uuid4()), str(uuid4())
    async with channels(platform.addresses("glucose")[0], 1) as (channel,):
        streams = [await watch(channel, forger, account_id) for _ in range(MOST_OF_ACCOUNT)]
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await watch(channel, forger, account_id)
        assert outcome_of(caught.value).reason == "TOO_MANY"
        streams.append(await watch(channel, forger, other))
        streams[0].cancel()

        async def let_in() -> bool:
            try:
                streams.append(await watch(channel, forger, account_id))
            except grpc.aio.AioRpcError:
                return False
            return True

        await until(let_in)
        for stream in streams:
            stream.cancel()
