"""Settings that change while the gateway runs, and a gateway that is told to end: nobody's stream is cut for either."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest

from services.gateway.settings import GatewaySettings
from tests.gateway.issuer import Issuer
from tests.gateway.replica import Replica
from tests.gateway.running import Gateway, running_gateway, until

WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"
LIST = "/apricot.glucose.v1.DiaryService/ListEntries"
CHOSEN = "listen_port", "admin_port", "http_port", "follow_port", "access_log"


class Mounted:
    """Settings as a mounted ConfigMap has them, and the gateway that follows them."""

    def __init__(self, folder: Path, gateway: Gateway, follower: Process, given: GatewaySettings) -> None:
        self._folder = folder
        self.gateway = gateway
        self.follower = follower
        self._follower_url = f"http://127.0.0.1:{given.follow_port}"
        self.operations = f"http://127.0.0.1:{given.http_port}"

    def change(self, **settings: Any) -> None:
        put(self._folder, settings)

    async def accepted(self) -> float:
        async with aiohttp.ClientSession() as http, http.get(f"{self._follower_url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("apricot_gateway_settings_accepted "))

    async def ready(self) -> int:
        async with aiohttp.ClientSession() as http, http.get(f"{self.operations}/ready") as answer:
            return answer.status


def put(folder: Path, settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        aside = folder / ".new"
        aside.write_text(value if isinstance(value, str) else json.dumps(value))
        aside.replace(folder / f"APRICOT_GATEWAY_{name.upper()}")


@pytest.fixture
async def streaming(replica: Replica) -> AsyncIterator[Replica]:
    """Whose streams stay open until the test ends."""
    replica.release.clear()
    yield replica
    replica.release.set()


@pytest.fixture
async def mounted(tmp_path: Path, jwks_url: str, streaming: Replica) -> AsyncIterator[Mounted]:
    settings = {"jwks_url": jwks_url, "upstreams": {"glucose": [streaming.address]}}
    folder = tmp_path / "settings"
    folder.mkdir()
    async with running_gateway(tmp_path, **settings) as gateway:
        put(folder, settings | {name: str(getattr(gateway.settings, name)) for name in CHOSEN})
        follower = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.gateway.follow", "--out", str(tmp_path / "envoy.json")),
            env=os.environ | {"APRICOT_GATEWAY_SETTINGS_FOLDER": str(folder)},
        )
        mounted = Mounted(folder, gateway, follower, gateway.settings)
        try:
            await until(lambda: _answers(mounted))
            yield mounted
        finally:
            if follower.returncode is None:
                follower.kill()
                await follower.wait()


async def test_a_new_limit_holds_and_a_stream_goes_on(mounted: Mounted, issuer: Issuer, streaming: Replica) -> None:
    gateway, token = mounted.gateway, issuer.token()
    watch = gateway.stream(WATCH, b"w", token)
    assert await watch.read() == b"w"
    await asyncio.gather(*(gateway.call(LIST, token=token) for _ in range(10)))
    mounted.change(user_requests_per_second=1)

    async def refused() -> bool:
        answers = await asyncio.gather(*(gateway.call(LIST, token=token) for _ in range(10)), return_exceptions=True)
        return any(isinstance(answer, grpc.aio.AioRpcError) for answer in answers)

    await until(refused)
    assert not watch.done()
    streaming.release.set()
    assert await watch.read() == grpc.aio.EOF


async def test_a_new_replica_gets_calls_and_a_stream_goes_on(
    mounted: Mounted, issuer: Issuer, streaming: Replica
) -> None:
    gateway = mounted.gateway
    watch = gateway.stream(WATCH, b"w", issuer.token())
    assert await watch.read() == b"w"
    async with Replica().serving() as added:
        mounted.change(upstreams={"glucose": [streaming.address, added.address]})

        async def called() -> bool:
            await gateway.call(LIST, token=issuer.token())
            return bool(added.calls)

        await until(called)
        assert not watch.done()
        streaming.release.set()
        assert await watch.read() == grpc.aio.EOF


async def test_a_new_listener_is_for_new_connections_and_a_stream_goes_on(
    mounted: Mounted, issuer: Issuer, streaming: Replica
) -> None:
    gateway = mounted.gateway
    watch = gateway.stream(WATCH, b"w", issuer.token())
    assert await watch.read() == b"w"
    mounted.change(issuer="somebody else")

    async def refused() -> bool:
        options = [("grpc.use_local_subchannel_pool", 1)]
        async with grpc.aio.insecure_channel(gateway.address, options=options) as channel:
            try:
                await Gateway(gateway.settings, channel).call(LIST, token=issuer.token())
            except grpc.aio.AioRpcError as error:
                return error.code() == grpc.StatusCode.UNAUTHENTICATED
        return False

    await until(refused)
    assert not watch.done()
    streaming.release.set()
    assert await watch.read() == grpc.aio.EOF


async def test_settings_that_cannot_be_used_change_nothing(mounted: Mounted, issuer: Issuer) -> None:
    gateway = mounted.gateway
    assert await mounted.accepted() == 1
    mounted.change(upstreams={"glucoes": ["127.0.0.1:1"]})

    async def told() -> bool:
        return await mounted.accepted() == 0

    await until(told)
    await gateway.call(LIST, token=issuer.token())
    mounted.change(upstreams={"glucose": []})

    async def gone() -> bool:
        try:
            await gateway.call(LIST, token=issuer.token())
        except grpc.aio.AioRpcError as error:
            return error.code() == grpc.StatusCode.UNAVAILABLE
        return False

    await until(gone)
    assert await mounted.accepted() == 1


async def test_a_gateway_that_is_told_to_end_lets_everything_end(
    mounted: Mounted, issuer: Issuer, streaming: Replica
) -> None:
    gateway = mounted.gateway
    watch = gateway.stream(WATCH, b"w", issuer.token())
    assert await watch.read() == b"w"
    assert await connections(gateway) == 1
    assert await mounted.ready() == 200
    mounted.follower.terminate()
    assert await mounted.follower.wait() == 0
    assert await mounted.ready() == 503

    async def told_to_go() -> bool:
        """By GOAWAY: calls still come through, and the channel opens another connection for them."""
        await gateway.call(LIST, token=issuer.token())
        return await connections(gateway) > 1

    await until(told_to_go)
    assert not watch.done()
    streaming.release.set()
    assert await watch.read() == grpc.aio.EOF


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/livez", "GET", 200),
        ("/ready", "GET", 200),
        ("/stats/prometheus", "GET", 200),
        ("/stats/prometheus", "POST", 404),
        ("/quitquitquit", "POST", 404),
        ("/config_dump", "GET", 404),
        ("/ready/../config_dump", "GET", 404),
    ],
)
async def test_of_the_admin_port_only_so_much_is_shown(gateway: Gateway, path: str, method: str, status: int) -> None:
    url = f"http://127.0.0.1:{gateway.settings.http_port}{path}"
    async with aiohttp.ClientSession() as http, http.request(method, url) as answer:
        assert answer.status == status


async def connections(gateway: Gateway) -> int:
    """So many there have been."""
    return (await gateway.stats("downstream_cx_total$"))["http.gateway.downstream_cx_total"]


async def _answers(mounted: Mounted) -> bool:
    try:
        return await mounted.accepted() == 1
    except aiohttp.ClientError:
        return False
