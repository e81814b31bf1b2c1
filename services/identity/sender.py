"""How one-time codes get to phones."""

import asyncio
import hashlib
import hmac
import json
from typing import Protocol

import aiohttp
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError

_TRIES = 3
_TIMEOUT_SECONDS = 2.0
_PAUSE_SECONDS = 0.2


class Sender(Protocol):
    """Sends a code to a phone."""

    async def send(self, phone: str, code: str) -> None:
        """Return once it is on its way. Errors: UNAVAILABLE."""
        ...


class ConsoleSender:
    """For one's own machine: prints the code to standard output. The structured logs never see it."""

    async def send(self, phone: str, code: str) -> None:
        print(f"code for {phone}: {code}", flush=True)  # noqa: T201


class WebhookSender:
    """Posts `{"phone": …, "code": …}` to a provider, signed: `Apricot-Signature: sha256=<HMAC of the body>`."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret.encode()

    async def send(self, phone: str, code: str) -> None:
        body = json.dumps({"phone": phone, "code": code}).encode()
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Apricot-Signature": f"sha256={signature}"}
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as http:
            for attempt in range(_TRIES):
                await asyncio.sleep(attempt * _PAUSE_SECONDS)
                if await self._post(http, body):
                    return
        raise ApricotError(Reason.REASON_UNAVAILABLE, "the code could not be sent")

    async def _post(self, http: aiohttp.ClientSession, body: bytes) -> bool:
        try:
            async with http.post(self._url, data=body) as answer:
                return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return False
