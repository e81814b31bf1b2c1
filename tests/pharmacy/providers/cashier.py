"""The cashier with the tests' hands on it: as the buyer's phone, as somebody who disturbs it, and as the merchant that
it calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from stack.cashier.part import Cashier
from tests.kit.running import until


@dataclass(frozen=True)
class Call:
    """A callback as it came."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Merchant:
    """Where the cashier calls: remembers it, and answers what it is told to."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    answer: tuple[int, str] = (200, "success")

    async def next(self) -> Call:
        """The oldest call, once there is one."""
        await until(lambda: bool(self.calls))
        return self.calls.pop(0)

    async def _take(self, request: web.Request) -> web.Response:
        self.calls.append(Call(dict(request.headers), await request.read()))
        status, body = self.answer
        return web.Response(status=status, text=body)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Merchant"]:
        app = web.Application()
        app.add_routes([web.post("/{path:.*}", self._take)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()


class Hands:
    """On a running cashier."""

    def __init__(self, cashier: Cashier) -> None:
        self._url = cashier.url

    async def pay(self, provider: str, order: str) -> int:
        """The buyer pays; the HTTP status."""
        return (await self._post("/pay", provider=provider, order=order))[0]

    async def open(self, provider: str, order: str) -> int:
        """The buyer looks at it and pays nothing."""
        return (await self._post("/open", provider=provider, order=order))[0]

    async def hold(self, kind: str, moment: str) -> None:
        assert (await self._post("/control/hold", kind=kind, moment=moment))[0] == 200

    async def fail(self, kind: str, code: str) -> None:
        """The next request of this kind fails: EMPTY and IDLE before it is done, BUSY after."""
        assert (await self._post("/control/fail", kind=kind, code=code))[0] == 200

    async def release(self) -> None:
        await self._post("/control/release")

    async def waiting(self) -> int:
        """How many requests are held."""
        return int((await self._get("/control/held"))["waiting"])

    async def notices(self, mode: str) -> None:
        assert (await self._post("/control/notices", mode=mode))[0] == 200

    async def told(self, out_trade_no: str) -> list[dict[str, Any]]:
        """The notices of a trade, and whether they were taken."""
        notices: list[dict[str, Any]] = (await self._get(f"/control/notices/{out_trade_no}"))["notices"]
        return notices

    async def send(self, out_trade_no: str, /, **alteration: Any) -> list[dict[str, Any]]:
        """Send a notice now; what was answered."""
        status, answer = await self._post(f"/control/notices/{out_trade_no}/send", **alteration)
        assert status == 200
        answers: list[dict[str, Any]] = answer["answers"]
        return answers

    async def settle(self, day: str) -> None:
        await self._post("/control/settle", day=day)

    async def _post(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        async with aiohttp.ClientSession() as http, http.post(self._url + path, json=body) as answer:
            return answer.status, await answer.json()

    async def _get(self, path: str) -> dict[str, Any]:
        async with aiohttp.ClientSession() as http, http.get(self._url + path) as answer:
            found: dict[str, Any] = await answer.json()
            return found
