"""What payment providers call: plain HTTP, without a token, to the pharmacy's HTTP port and nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from services.gateway.callbacks import MOST_BYTES, PROVIDERS
from tests.gateway.running import Gateway, running_gateway, until


@dataclass
class Pharmacy:
    """Its HTTP side: remembers what came."""

    address: str = ""
    ready: bool = True
    status: int = 200
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def _take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((request.path, headers, await request.read()))
        return web.Response(text="success", status=self.status)

    async def _readyz(self, _: web.Request) -> web.Response:
        return web.Response(status=200 if self.ready else 503)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Pharmacy"]:
        app = web.Application()
        app.add_routes([web.get("/readyz", self._readyz), web.route("*", "/{path:.*}", self._take)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()


@pytest.fixture
async def pharmacy() -> AsyncIterator[Pharmacy]:
    async with Pharmacy().serving() as serving:
        yield serving


@pytest.fixture
async def gate(tmp_path: Path, jwks_url: str, pharmacy: Pharmacy) -> AsyncIterator[Gateway]:
    settings = {"jwks_url": jwks_url, "http_upstreams": {"pharmacy": [pharmacy.address]}}
    async with running_gateway(tmp_path, **settings) as gateway:
        await until(lambda: _arrives(gateway))
        pharmacy.requests.clear()
        yield gateway


async def post(
    gateway: Gateway, path: str, body: bytes = b"{}", method: str = "POST", headers: dict[str, str] | None = None
) -> int:
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, gateway.url + path, data=body, headers=headers) as answer,
    ):
        return answer.status


async def _arrives(gateway: Gateway) -> bool:
    return await post(gateway, "/payments/sandbox/callback") == 200


async def test_each_provider_s_callback_arrives_as_it_was_sent(gate: Gateway, pharmacy: Pharmacy) -> None:
    body = "trade_status=TRADE_SUCCESS&subject=药".encode() + bytes(range(256))
    for provider in PROVIDERS:
        headers = {"Wechatpay-Signature": "abc", "Authorization": "Bearer x", "Cookie": "a=b", "X-Patient-Id": "1"}
        assert await post(gate, f"/payments/{provider}/callback", body, headers=headers) == 200
    assert [path for path, _, _ in pharmacy.requests] == [f"/payments/{provider}/callback" for provider in PROVIDERS]
    for _, headers, came in pharmacy.requests:
        assert came == body
        assert headers["wechatpay-signature"] == "abc"
        assert not headers.keys() & {"authorization", "cookie", "x-patient-id"}


async def test_nothing_else_of_the_http_side_is_reached(gate: Gateway, pharmacy: Pharmacy) -> None:
    paths = ("/payments/other/callback", "/payments/sandbox/callback/", "/payments/sandbox", "/metrics", "/readyz")
    assert [await post(gate, path) for path in paths] == [404] * len(paths)
    methods = ("GET", "PUT", "DELETE", "PATCH")
    assert [await post(gate, "/payments/sandbox/callback", method=method) for method in methods] == [404] * 4
    assert await post(gate, "/payments/sandbox/../../metrics") == 404
    assert not pharmacy.requests


async def test_too_large_a_callback_stays_outside(gate: Gateway, pharmacy: Pharmacy) -> None:
    assert await post(gate, "/payments/sandbox/callback", bytes(MOST_BYTES)) == 200
    assert await post(gate, "/payments/sandbox/callback", bytes(MOST_BYTES + 1)) == 413
    assert len(pharmacy.requests) == 1


async def test_one_address_calls_only_so_often(tmp_path: Path, jwks_url: str, pharmacy: Pharmacy) -> None:
    settings = {"jwks_url": jwks_url, "http_upstreams": {"pharmacy": [pharmacy.address]}}
    async with running_gateway(tmp_path, trusted_proxies=1, callback_requests_per_second=1, **settings) as gateway:
        await until(lambda: _arrives(gateway))
        from_one, from_another = {"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}
        calls = (post(gateway, "/payments/sandbox/callback", headers=from_one) for _ in range(40))
        assert set(await asyncio.gather(*calls)) == {200, 429}
        assert await post(gateway, "/payments/sandbox/callback", headers=from_another) == 200


async def test_not_now_is_passed_on_and_takes_no_replica_away(gate: Gateway, pharmacy: Pharmacy) -> None:
    pharmacy.status = 503
    assert [await post(gate, "/payments/sandbox/callback") for _ in range(12)] == [503] * 12
    pharmacy.status = 200
    assert await post(gate, "/payments/sandbox/callback") == 200
    assert len(pharmacy.requests) == 13


async def test_a_replica_that_is_not_ready_is_left_alone(gate: Gateway, pharmacy: Pharmacy) -> None:
    pharmacy.ready = False

    async def gone() -> bool:
        before = len(pharmacy.requests)
        return await post(gate, "/payments/sandbox/callback") == 503 and len(pharmacy.requests) == before

    await until(gone)
