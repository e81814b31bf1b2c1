"""The sandbox: a payment provider of no money, for tests, demos and the laptop. JSON over HTTP, signed by a secret that
both sides share."""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp

from kit.clock import Clock
from services.pharmacy.providers.port import (
    AlreadyPaidError,
    ForgedCallbackError,
    Refund,
    RefundState,
    RefusedError,
    StatementLine,
    Trade,
    TradeState,
    reading,
)

SIGNATURE, TIMESTAMP = "Sandbox-Signature", "Sandbox-Timestamp"
LONGEST_AGE = timedelta(minutes=5)
_TIMEOUT = aiohttp.ClientTimeout(total=10.0)

type Json = dict[str, Any]


def signature(secret: str, subject: str, timestamp: str, body: bytes) -> str:
    """Of a request, whose subject is method and path, or of a callback, whose subject is "callback"."""
    return hmac.digest(secret.encode(), f"{subject}\n{timestamp}\n".encode() + body, "sha256").hex()


class Sandbox:
    """The sandbox's adapter."""

    name = "sandbox"

    def __init__(self, *, url: str, secret: str, notify_url: str, clock: Clock) -> None:
        self._url = url.rstrip("/")
        self._secret = secret
        self._notify_url = notify_url
        self._clock = clock

    async def start(
        self, payment_id: UUID, amount_minor: int, currency: str, description: str, expire_time: datetime
    ) -> str:
        wanted = {
            "out_trade_no": payment_id.hex,
            "amount_minor": amount_minor,
            "currency": currency,
            "description": description,
            "expire_time": expire_time.isoformat(),
            "notify_url": self._notify_url,
        }
        status, answer = await self._ask("POST", "/sandbox/trades", wanted)
        return str(_done(status, answer)["order"])

    async def find(self, payment_id: UUID) -> Trade | None:
        status, answer = await self._ask("GET", f"/sandbox/trades/{payment_id.hex}")
        return None if status == 404 else _trade(_done(status, answer))

    async def close(self, payment_id: UUID) -> None:
        status, answer = await self._ask("POST", f"/sandbox/trades/{payment_id.hex}/close", {})
        if status != 404:
            _done(status, answer)

    async def refund(
        self, payment_id: UUID, refund_id: UUID, amount_minor: int, total_minor: int, currency: str, reason: str
    ) -> Refund:
        wanted = {
            "out_refund_no": refund_id.hex,
            "amount_minor": amount_minor,
            "total_minor": total_minor,
            "currency": currency,
            "reason": reason,
        }
        status, answer = await self._ask("POST", f"/sandbox/trades/{payment_id.hex}/refunds", wanted)
        return _refund(_done(status, answer))

    async def find_refund(self, payment_id: UUID, refund_id: UUID) -> Refund | None:
        status, answer = await self._ask("GET", f"/sandbox/trades/{payment_id.hex}/refunds/{refund_id.hex}")
        return None if status == 404 else _refund(_done(status, answer))

    async def statement(self, day: date) -> Sequence[StatementLine] | None:
        status, answer = await self._ask("GET", f"/sandbox/statements/{day.isoformat()}")
        return None if status == 404 else [_line(line) for line in _done(status, answer)["lines"]]

    async def read_callback(self, headers: Mapping[str, str], body: bytes) -> Trade | Refund:
        timestamp, signed = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        if not (timestamp.isascii() and signed.isascii()):
            raise ForgedCallbackError("not in ASCII")
        given = signed.encode()
        if not hmac.compare_digest(signature(self._secret, "callback", timestamp, body).encode(), given):
            raise ForgedCallbackError("wrong signature")
        if abs(self._clock() - datetime.fromisoformat(timestamp)) > LONGEST_AGE:
            raise ForgedCallbackError("too old")
        said = json.loads(body)
        return _refund(said["refund"]) if "refund" in said else _trade(said["trade"])

    def answer(self, *, taken: bool) -> tuple[int, str, str]:
        return 200 if taken else 503, "application/json", json.dumps({"taken": taken})

    async def _ask(self, method: str, path: str, wanted: Json | None = None) -> tuple[int, Json]:
        """Status and answer. Errors: an outage, also when the sandbox says that it failed."""
        body = b"" if wanted is None else json.dumps(wanted).encode()
        timestamp = self._clock().isoformat()
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: signature(self._secret, f"{method} {path}", timestamp, body),
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as http,
                http.request(method, self._url + path, data=body, allow_redirects=False) as answer,
            ):
                if answer.status >= 500 or answer.status == 401:
                    raise ConnectionError(f"sandbox: {answer.status}")
                return answer.status, await answer.json()
        except aiohttp.ClientError as error:
            raise ConnectionError("sandbox: no answer") from error


def _done(status: int, answer: Json) -> Json:
    """The answer of what was done. Errors: `RefusedError`, `AlreadyPaidError`."""
    if status == 200:
        return answer
    code = str(answer["code"])
    raise AlreadyPaidError(code) if code == "PAID" else RefusedError(code)


@reading()
def _trade(said: Json) -> Trade:
    return Trade(
        payment_id=UUID(said["out_trade_no"]),
        state=TradeState[said["state"]],
        amount_minor=said["amount_minor"],
        currency=said["currency"],
        reference=said["reference"],
        pay_time=datetime.fromisoformat(said["pay_time"]) if said["pay_time"] else None,
    )


@reading()
def _refund(said: Json) -> Refund:
    return Refund(
        payment_id=UUID(said["out_trade_no"]),
        refund_id=UUID(said["out_refund_no"]),
        state=RefundState[said["state"]],
        amount_minor=said["amount_minor"],
        currency=said["currency"],
        reference=said["reference"],
    )


@reading()
def _line(said: Json) -> StatementLine:
    return StatementLine(
        payment_id=UUID(said["out_trade_no"]),
        refund_id=UUID(said["out_refund_no"]) if said["out_refund_no"] else None,
        amount_minor=said["amount_minor"],
        fee_minor=said["fee_minor"],
        currency=said["currency"],
        time=datetime.fromisoformat(said["time"]),
        reference=said["reference"],
    )
