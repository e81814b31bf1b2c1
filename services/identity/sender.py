"""How one-time codes get to phones."""

import asyncio
from typing import Protocol

from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError
from kit.webhook import Webhook

_TRIES = 3
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
    """Posts `{"phone": …, "code": …}` to a provider (`kit.webhook`)."""

    def __init__(self, url: str, secret: str) -> None:
        self._webhook = Webhook(url, secret)

    async def send(self, phone: str, code: str) -> None:
        for attempt in range(_TRIES):
            await asyncio.sleep(attempt * _PAUSE_SECONDS)
            if await self._webhook.post({"phone": phone, "code": code}):
                return
        raise ApricotError(Reason.REASON_UNAVAILABLE, "the code could not be sent")
