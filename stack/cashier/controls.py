"""What tests do to the cashier: hold requests, keep or drop notices, send forged ones, close a day's books."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from aiohttp import web

from stack.cashier.book import Book, Refused, RefusedError
from stack.cashier.dialect import Alteration
from stack.cashier.notices import Notices

KINDS = "start", "find", "close", "refund", "find_refund", "statement"


class Gates:
    """Where a request of some kind waits until it is let go."""

    def __init__(self) -> None:
        self._holds: list[tuple[str, str]] = []
        """Kinds whose next request is held, and whether before it is done or after."""
        self._failures: list[tuple[str, Refused]] = []
        self._open = asyncio.Event()
        self.waiting = 0

    def hold(self, kind: str, moment: str) -> None:
        """Hold the next request of this kind: "before" it is done, or "after", when only the answer is missing."""
        self._open.clear()
        self._holds.append((kind, moment))

    def fail(self, kind: str, code: Refused) -> None:
        """Fail the next request of this kind: "EMPTY" and "IDLE" before it is done, "BUSY" after."""
        self._failures.append((kind, code))

    def release(self) -> None:
        """Let go of all that waits, hold and fail nothing more."""
        self._holds.clear()
        self._failures.clear()
        self._open.set()

    @asynccontextmanager
    async def passing(self, kind: str) -> AsyncIterator[None]:
        """Around what is done for a request."""
        await self._pass(kind, "before")
        self._fail_if(kind, "EMPTY")
        self._fail_if(kind, "IDLE")
        try:
            yield
        finally:
            await self._pass(kind, "after")
        self._fail_if(kind, "BUSY")

    def _fail_if(self, kind: str, code: Refused) -> None:
        if (kind, code) in self._failures:
            self._failures.remove((kind, code))
            raise RefusedError(code)

    async def _pass(self, kind: str, moment: str) -> None:
        if (kind, moment) in self._holds:
            self._holds.remove((kind, moment))
            self.waiting += 1
            try:
                await self._open.wait()
            finally:
                self.waiting -= 1


class Controls:
    """The routes under `/control`."""

    def __init__(self, book: Book, gates: Gates, notices: Notices) -> None:
        self._book = book
        self._gates = gates
        self._notices = notices

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/control/hold", self._hold),
            web.post("/control/fail", self._fail),
            web.post("/control/release", self._release),
            web.get("/control/held", self._held),
            web.post("/control/notices", self._set_mode),
            web.get("/control/notices/{out_trade_no}", self._list),
            web.post("/control/notices/{out_trade_no}/send", self._send),
            web.post("/control/settle", self._settle),
        ]

    async def _hold(self, request: web.Request) -> web.Response:
        """`{"kind": "refund", "moment": "before" | "after"}`"""
        wanted = await request.json()
        if wanted["kind"] not in KINDS or wanted["moment"] not in ("before", "after"):
            raise web.HTTPBadRequest
        self._gates.hold(wanted["kind"], wanted["moment"])
        return web.json_response({})

    async def _fail(self, request: web.Request) -> web.Response:
        """`{"kind": "refund", "code": "BUSY" | "EMPTY" | "IDLE"}`: their own fault; the merchant's account is empty;
        it is taken and not carried out (Alipay alone knows that)."""
        wanted = await request.json()
        if wanted["kind"] not in KINDS or wanted["code"] not in ("BUSY", "EMPTY", "IDLE"):
            raise web.HTTPBadRequest
        self._gates.fail(wanted["kind"], wanted["code"])
        return web.json_response({})

    async def _release(self, _: web.Request) -> web.Response:
        self._gates.release()
        return web.json_response({})

    async def _held(self, _: web.Request) -> web.Response:
        """How many requests wait."""
        return web.json_response({"waiting": self._gates.waiting})

    async def _set_mode(self, request: web.Request) -> web.Response:
        """`{"mode": "send" | "keep" | "drop"}`: as they come; not until told otherwise; never."""
        mode = (await request.json())["mode"]
        if mode not in ("send", "keep", "drop"):
            raise web.HTTPBadRequest
        self._notices.set_mode(mode)
        return web.json_response({})

    async def _list(self, request: web.Request) -> web.Response:
        notices = self._book.notices(request.match_info["out_trade_no"])
        told = [{"refund": one.out_refund_no, "tries": one.tries, "taken": bool(one.taken)} for one in notices]
        return web.json_response({"notices": told})

    async def _send(self, request: web.Request) -> web.Response:
        """Send a trade's notice now, whatever the mode, as it is or altered:
        `{"index": 0, "times": 1, "amount_minor": …, "currency": …, "out_trade_no": …, "forge": …}`.
        Answers what the merchant answered to each."""
        wanted = await request.json()
        index, times = wanted.pop("index", 0), wanted.pop("times", 1)
        notice = self._book.notices(request.match_info["out_trade_no"])[index]
        answers = [await self._notices.send(notice, Alteration(**wanted)) for _ in range(times)]
        return web.json_response({"answers": [{"status": status, "body": body} for status, body in answers]})

    async def _settle(self, request: web.Request) -> web.Response:
        """`{"day": "2026-11-26"}`: its statement is there though the day is not over."""
        self._book.settle(date.fromisoformat((await request.json())["day"]))
        return web.json_response({})
