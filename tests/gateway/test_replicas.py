"""Deadlines, retries, and replicas that come, drain and die."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import grpc
import pytest_asyncio

from tests.gateway.issuer import Issuer
from tests.gateway.replica import METHODS, Replica
from tests.gateway.running import Gateway, details, running_gateway, until

READ = "/apricot.identity.v1.AccountService/GetMe"
WRITE = "/apricot.identity.v1.CareService/GrantAccess"
WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"
LIST = "/apricot.glucose.v1.DiaryService/ListEntries"
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


async def test_a_unary_call_always_has_a_deadline(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    await gateway.call(READ, token=issuer.token(), timeout=None)
    await gateway.call(READ, token=issuer.token(), timeout=5)
    default, given = (call.seconds for call in replica.calls)
    assert default is not None
    assert given is not None
    assert 0 < given < 6 < default < 16


async def test_a_stream_has_none(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    assert [answer async for answer in gateway.stream(WATCH, b"w", issuer.token())] == [b"w"]
    assert replica.calls[0].seconds is None


async def test_a_read_is_tried_again(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    replica.failures[READ] = UNAVAILABLE
    assert (await gateway.refusal(READ, token=issuer.token())).details() == "failed on purpose"
    assert len(replica.calls) == 3


async def test_a_mutation_is_not_whatever_the_client_asks(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    replica.failures[WRITE] = UNAVAILABLE
    asked = {"x-envoy-retry-grpc-on": "unavailable", "x-envoy-retry-on": "5xx", "x-envoy-max-retries": "3"}
    assert (await gateway.refusal(WRITE, token=issuer.token(), metadata=asked)).code() == UNAVAILABLE
    assert len(replica.calls) == 1


async def test_other_errors_are_not_tried_again(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    replica.failures[READ] = grpc.StatusCode.INTERNAL
    assert (await gateway.refusal(READ, token=issuer.token())).code() == grpc.StatusCode.INTERNAL
    assert len(replica.calls) == 1


async def test_without_a_replica_a_service_is_unavailable(tmp_path: Path, jwks_url: str, issuer: Issuer) -> None:
    async with running_gateway(tmp_path, jwks_url=jwks_url, upstreams={"identity": ["127.0.0.1:1"]}) as gateway:
        for path in (READ, LIST):
            error = await gateway.refusal(path, token=issuer.token())
            assert (error.code(), details(error).reason) == (UNAVAILABLE, "UNAVAILABLE")
        headers = {"authorization": f"Bearer {issuer.token()}"}
        async with aiohttp.ClientSession(gateway.url) as http, http.get("/v1/me", headers=headers) as answer:
            assert (answer.status, (await answer.json())["details"][0]["reason"]) == (503, "UNAVAILABLE")


async def test_without_keys_nobody_is_signed_out(tmp_path: Path, replica: Replica, issuer: Issuer) -> None:
    upstreams = {"identity": [replica.address]}
    async with running_gateway(tmp_path, jwks_url="http://127.0.0.1:1/", upstreams=upstreams) as gateway:
        error = await gateway.refusal(READ, token=issuer.token())
        assert (error.code(), details(error).reason) == (UNAVAILABLE, "UNAVAILABLE")
        assert await gateway.call("/apricot.identity.v1.AuthService/SignIn", b"hello") == b"hello"


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[tuple[Replica, Replica]]:
    async with Replica().serving() as one, Replica().serving() as other:
        yield one, other


@pytest_asyncio.fixture
async def balanced(tmp_path: Path, jwks_url: str, pair: tuple[Replica, Replica]) -> AsyncIterator[Gateway]:
    upstreams = {"glucose": [replica.address for replica in pair]}
    async with running_gateway(tmp_path, jwks_url=jwks_url, upstreams=upstreams) as gateway:
        yield gateway


async def test_calls_go_to_both(balanced: Gateway, pair: tuple[Replica, Replica], issuer: Issuer) -> None:
    await asyncio.gather(*(balanced.call(LIST, token=issuer.token()) for _ in range(20)))
    assert [len(replica.calls) for replica in pair] == [10, 10]


async def test_a_draining_replica_keeps_its_stream_and_gets_no_more(
    balanced: Gateway, pair: tuple[Replica, Replica], issuer: Issuer
) -> None:
    for replica in pair:
        replica.release.clear()
    streams = [balanced.stream(WATCH, b"w", issuer.token()) for _ in pair]
    assert [await stream.read() for stream in streams] == [b"w", b"w"]
    draining, other = pair
    await draining.set_serving(False)

    async def left_alone() -> bool:
        before = len(draining.calls)
        await asyncio.gather(*(balanced.call(LIST, token=issuer.token()) for _ in range(4)))
        return len(draining.calls) == before

    await until(left_alone)
    assert (draining.open_streams, other.open_streams) == (1, 1)
    assert not any(stream.done() for stream in streams)
    await draining.set_serving(True)

    async def back() -> bool:
        return not await left_alone()

    await until(back)
    for replica in pair:
        replica.release.set()
    assert [await stream.read() for stream in streams] == [grpc.aio.EOF, grpc.aio.EOF]


async def test_a_dead_replica_costs_no_read(tmp_path: Path, jwks_url: str, issuer: Issuer) -> None:
    async with Replica().serving() as living, AsyncExitStack() as life:
        dying = await life.enter_async_context(Replica().serving())
        upstreams = {"glucose": [living.address, dying.address]}
        async with running_gateway(tmp_path, jwks_url=jwks_url, upstreams=upstreams) as gateway:
            await asyncio.gather(*(gateway.call(LIST, token=issuer.token()) for _ in range(10)))
            assert dying.calls
            await life.aclose()
            await asyncio.gather(*(gateway.call(LIST, token=issuer.token()) for _ in range(50)))


def test_only_reads_may_be_repeated() -> None:
    reads = {method.name for method in METHODS.values() if method.read}
    assert all(name.startswith(("Get", "List", "Watch", "Search", "Download", "Export", "Prepare")) for name in reads)
