"""The HTTP side of a service: readiness, metrics, and what the service adds."""

from collections.abc import Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


async def serve_http(host: str, port: int, ready: Callable[[], bool], *routes: web.RouteDef) -> web.AppRunner:
    """Serve `/readyz`, `/metrics` and these routes; the caller cleans the runner up."""

    async def readyz(_: web.Request) -> web.Response:
        return web.Response(text="ready\n") if ready() else web.Response(status=503, text="not ready\n")

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes([web.get("/readyz", readyz), web.get("/metrics", metrics), *routes])
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner
