"""The HTTP side of a service: whether it lives and is ready, metrics, and what the service adds."""

from collections.abc import Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


async def serve_http(
    host: str, port: int, alive: Callable[[], bool], ready: Callable[[], bool], *routes: web.RouteDef
) -> web.AppRunner:
    """Serve `/livez`, `/readyz`, `/metrics` and these routes; the caller cleans the runner up."""

    async def livez(_: web.Request) -> web.Response:
        return _answer(alive(), "alive")

    async def readyz(_: web.Request) -> web.Response:
        return _answer(ready(), "ready")

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", metrics), *routes])
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


def _answer(holds: bool, what: str) -> web.Response:
    return web.Response(text=f"{what}\n") if holds else web.Response(status=503, text=f"not {what}\n")
