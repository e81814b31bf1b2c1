"""The sandbox's language; see `services.pharmacy.providers.sandbox`."""

import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from aiohttp import web

from services.pharmacy.providers.sandbox import LONGEST_AGE, SIGNATURE, TIMESTAMP, signature
from stack.cashier.book import Book, Movement, Refund, Refused, RefusedError, Trade
from stack.cashier.controls import Gates
from stack.cashier.dialect import Alteration, Message

_STATUSES: dict[Refused, int] = {"UNKNOWN": 404, "NOT_YET": 404, "BUSY": 503, "EMPTY": 503}

type Json = dict[str, Any]
type Deed = Callable[[web.Request], Awaitable[Json]]


class Sandbox:
    name = "sandbox"

    def __init__(self, book: Book, gates: Gates, secret: str) -> None:
        self._book = book
        self._gates = gates
        self._secret = secret

    def routes(self) -> list[web.RouteDef]:
        trade = "/sandbox/trades/{out_trade_no}"
        return [
            web.post("/sandbox/trades", self._answering("start", self._start)),
            web.get(trade, self._answering("find", self._find)),
            web.post(f"{trade}/close", self._answering("close", self._close)),
            web.post(f"{trade}/refunds", self._answering("refund", self._refund)),
            web.get(f"{trade}/refunds/{{out_refund_no}}", self._answering("find_refund", self._find_refund)),
            web.get("/sandbox/statements/{day}", self._answering("statement", self._statement)),
        ]

    def open(self, order: str) -> Trade:
        return self._book.by_prepay_id(self.name, json.loads(order)["prepay_id"])

    def notice(self, trade: Trade, refund: Refund | None, alteration: Alteration) -> Message:
        said = {"trade": _trade(trade)} if refund is None else {"refund": _refund(trade, refund)}
        for content in said.values():
            content |= {
                key: value
                for key in ("amount_minor", "currency", "out_trade_no")
                if (value := getattr(alteration, key)) is not None
            }
        body = json.dumps(said).encode()
        # Everything that tells a merchant, an app or a certificate from another is the secret.
        secret = self._secret if alteration.forge in (None, "age") else "another secret"
        age = timedelta(hours=1) if alteration.forge == "age" else timedelta()
        timestamp = (datetime.now(UTC) - age).isoformat()
        headers = {TIMESTAMP: timestamp, SIGNATURE: signature(secret, "callback", timestamp, body)}
        return Message({"Content-Type": "application/json", **headers}, body)

    def is_taken(self, status: int, body: str) -> bool:
        return status == 200

    def _answering(self, kind: str, deed: Deed) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        return partial(self._answer, kind, deed)

    async def _answer(self, kind: str, deed: Deed, request: web.Request) -> web.Response:
        if not await self._is_genuine(request):
            return web.json_response({"code": "SIGNATURE"}, status=401)
        try:
            async with self._gates.passing(kind):
                return web.json_response(await deed(request))
        except RefusedError as refusal:
            return web.json_response({"code": refusal.code}, status=_STATUSES.get(refusal.code, 409))

    async def _is_genuine(self, request: web.Request) -> bool:
        timestamp, given = (request.headers.get(name, "") for name in (TIMESTAMP, SIGNATURE))
        right = signature(self._secret, f"{request.method} {request.path}", timestamp, await request.read())
        genuine = hmac.compare_digest(right.encode(), given.encode())
        return genuine and abs(datetime.now(UTC) - datetime.fromisoformat(timestamp)) <= LONGEST_AGE

    async def _start(self, request: web.Request) -> Json:
        wanted = await request.json()
        expire_time = datetime.fromisoformat(wanted.pop("expire_time")).timestamp()
        trade = self._book.begin(Trade(provider=self.name, expire_time=expire_time, **wanted))
        return {"order": json.dumps({"prepay_id": trade.prepay_id})}

    async def _find(self, request: web.Request) -> Json:
        return _trade(self._book.get(self.name, request.match_info["out_trade_no"]))

    async def _close(self, request: web.Request) -> Json:
        self._book.close(self.name, request.match_info["out_trade_no"])
        return {}

    async def _refund(self, request: web.Request) -> Json:
        wanted = await request.json()
        trade = self._book.get(self.name, request.match_info["out_trade_no"])
        if (wanted["total_minor"], wanted["currency"]) != (trade.amount_minor, trade.currency):
            raise RefusedError("OTHER")
        refund = Refund(
            *(self.name, trade.out_trade_no, wanted["out_refund_no"], wanted["amount_minor"], wanted["reason"]),
            notify_url=trade.notify_url,
        )
        return _refund(trade, self._book.refund(refund))

    async def _find_refund(self, request: web.Request) -> Json:
        refund = self._book.get_refund(self.name, request.match_info["out_refund_no"])
        return _refund(self._book.get(self.name, refund.out_trade_no), refund)

    async def _statement(self, request: web.Request) -> Json:
        day = date.fromisoformat(request.match_info["day"])
        return {"lines": [_line(movement) for movement in self._book.statement(self.name, day)]}


def _trade(trade: Trade) -> Json:
    return {
        "out_trade_no": trade.out_trade_no,
        "state": trade.state,
        "amount_minor": trade.amount_minor,
        "currency": trade.currency,
        "reference": trade.reference,
        "pay_time": _time(trade.pay_time) if trade.pay_time else None,
    }


def _refund(trade: Trade, refund: Refund) -> Json:
    return {
        "out_trade_no": refund.out_trade_no,
        "out_refund_no": refund.out_refund_no,
        "state": "DONE",
        "amount_minor": refund.amount_minor,
        "currency": trade.currency,
        "reference": refund.reference,
    }


def _line(movement: Movement) -> Json:
    return {
        "out_trade_no": movement.trade.out_trade_no,
        "out_refund_no": movement.refund.out_refund_no if movement.refund else "",
        "amount_minor": movement.amount_minor,
        "fee_minor": movement.fee_minor,
        "currency": movement.trade.currency,
        "time": _time(movement.time),
        "reference": movement.refund.reference if movement.refund else movement.trade.reference,
    }


def _time(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()
