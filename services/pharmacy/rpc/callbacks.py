"""What payment providers tell by themselves, over HTTP: `POST /payments/<provider>/callback`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web
from prometheus_client import Counter

from kit.outages import is_outage
from services.pharmacy.providers.choose import CALLBACK_PATH
from services.pharmacy.providers.port import ForgedCallbackError, Provider, Refund, Trade

log = structlog.get_logger()

CALLBACKS = Counter("apricot_payment_callbacks", "Callbacks of payment providers, by outcome.", ["provider", "outcome"])

MOST_BYTES = 64 << 10
_PATIENCE = 10.0

type Take = Callable[[str, Trade | Refund], Awaitable[None]]
"""What is done with a genuine callback of a provider, by name; the same one may come again and again."""


class Callbacks:
    """Verifies each callback before anything is done with it. None of it is logged."""

    def __init__(self, providers: Mapping[str, Provider], take: Take) -> None:
        self._providers = providers
        self._take = take

    def routes(self) -> list[web.RouteDef]:
        """One for each provider."""
        return [web.post(CALLBACK_PATH.format(name), self._answer(one)) for name, one in self._providers.items()]

    def _answer(self, provider: Provider) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.Response:
            try:
                async with asyncio.timeout(_PATIENCE):
                    body = await request.clone(client_max_size=MOST_BYTES).read()  # too large: 413
                await self._take(provider.name, await provider.read_callback(request.headers, body))
            except ForgedCallbackError as error:
                log.warning("callback refused", provider=provider.name, why=str(error))
                CALLBACKS.labels(provider.name, "forged").inc()
                return web.Response(status=400)
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("callback not taken", provider=provider.name, error=type(error).__name__)
                CALLBACKS.labels(provider.name, "outage").inc()
                return _response(provider, taken=False)
            CALLBACKS.labels(provider.name, "taken").inc()
            return _response(provider, taken=True)

        return answer


def _response(provider: Provider, *, taken: bool) -> web.Response:
    status, content_type, body = provider.answer(taken=taken)
    return web.Response(status=status, content_type=content_type, text=body)
