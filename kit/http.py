"""The HTTP side of a service: whether it lives and is ready, metrics, and what the service adds."""

from collections.abc import Callable
from ssl import SSLContext

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def probe(path: str, word: str, holds: Callable[[], bool]) -> web.RouteDef:
    """200 while it holds, else 503."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=f"{word}\n") if holds() else web.Response(status=503, text=f"not {word}\n")

    return web.get(path, answer)


async def metrics(_: web.Request) -> web.Response:
    """What Prometheus scrapes."""
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def serve_http(
    host: str, port: int, *routes: web.AbstractRouteDef, tls: SSLContext | None = None
) -> web.AppRunner:
    """Serve these routes; the caller cleans the runner up."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, host, port, ssl_context=tls).start()
    return runner
