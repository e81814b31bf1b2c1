"""How one-time codes and messages to accounts' owners get to phones."""

import asyncio
from typing import Protocol

from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError
from kit.webhook import Webhook

_TRIES = 3
_PAUSE_SECONDS = 0.2


class Sender(Protocol):
    """Sends codes and messages to a phone."""

    async def send(self, phone: str, code: str) -> None:
        """Return once it is on its way. Errors: UNAVAILABLE."""
        ...

    async def tell(self, phone: str, notice: str, text: str) -> None:
        """Send what happened to the account. `notice` names it, for a provider with templates of its own.
        Errors: UNAVAILABLE."""
        ...


class ConsoleSender:
    """For one's own machine: prints the code to standard output. The structured logs never see it."""

    async def send(self, phone: str, code: str) -> None:
        print(f"code for {phone}: {code}", flush=True)  # noqa: T201

    async def tell(self, phone: str, notice: str, text: str) -> None:
        print(f"notice for {phone}: {text}", flush=True)  # noqa: T201


class WebhookSender:
    """Posts `{"phone": …, "code": …}` or `{"phone": …, "notice": …, "text": …}` to a provider (`kit.webhook`)."""

    def __init__(self, url: str, secret: str) -> None:
        self._webhook = Webhook(url, secret)

    async def send(self, phone: str, code: str) -> None:
        await self._post({"phone": phone, "code": code})

    async def tell(self, phone: str, notice: str, text: str) -> None:
        await self._post({"phone": phone, "notice": notice, "text": text})

    async def _post(self, message: dict[str, object]) -> None:
        for attempt in range(_TRIES):
            await asyncio.sleep(attempt * _PAUSE_SECONDS)
            if await self._webhook.post(message):
                return
        raise ApricotError(Reason.REASON_UNAVAILABLE, "the message could not be sent")
