"""A service's process: its gRPC and HTTP servers, its background tasks, its signals and its drain."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, get_type_hints

import grpc
import structlog
from aiohttp import web
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from kit import contract, telemetry
from kit.chain import Chain
from kit.http import metrics, probe, serve_http
from kit.settings import ServiceSettings

log = structlog.get_logger()

_OPTIONS = [
    ("grpc.max_receive_message_length", 4 << 20),
    ("grpc.max_metadata_size", 16 << 10),
    ("grpc.so_reuseport", 0),
    ("grpc.http2.max_ping_strikes", 0),  # the gateway keeps connections alive by pings
    ("grpc.keepalive_permit_without_calls", 1),
    # A client that connects anew looks names up anew, and so finds replicas that were added. Calls and streams go on,
    # each on the connection that it began on: not too often, since streams last for days.
    ("grpc.max_connection_age_ms", 1_800_000),
]


class Server:
    """Serves some services of the contract until it is told to stop."""

    def __init__(self, settings: ServiceSettings, chain: Chain) -> None:
        self._settings = settings
        self._chain = chain
        self._grpc = grpc.aio.server(options=_OPTIONS)
        self._health = health.aio.HealthServicer()
        self._ready = False
        self._background: list[Coroutine[Any, Any, None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._on_drain: list[Callable[[], None]] = []
        self._routes: list[web.RouteDef] = []

    def add(self, service: str, implementation: object) -> None:
        """Serve one service of the contract, by its full name. Every method must be there, with the right types."""
        descriptor = next(found for found in contract.services() if found.full_name == service)
        _check(descriptor, implementation)
        handlers = {
            method.name: self._chain.handler(
                contract.methods()[f"/{service}/{method.name}"], getattr(implementation, method.name)
            )
            for method in descriptor.methods
        }
        self._grpc.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))

    def add_background(self, *tasks: Coroutine[Any, Any, None]) -> None:
        """Run these beside the servers; one that fails ends the process, for whoever watches it to start it again."""
        self._background += tasks

    def add_routes(self, *routes: web.RouteDef) -> None:
        """Serve these over HTTP too; with TLS over HTTPS alone, to the platform's parts."""
        self._routes += routes

    def on_drain(self, callback: Callable[[], None]) -> None:
        """Call this as soon as the process is told to stop: streams that would go on for ever end here."""
        self._on_drain.append(callback)

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT; then say so, let calls end, and return."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._grpc)
        names = [str(service.full_name) for service in contract.services()]
        if self._settings.reflection:
            reflection.enable_server_reflection((*names, health.SERVICE_NAME, reflection.SERVICE_NAME), self._grpc)
        async with AsyncExitStack() as listening:
            await self._listen(listening)
            async with asyncio.TaskGroup() as group:
                self._tasks = [group.create_task(task) for task in (telemetry.watch_loop(), *self._background)]
                await self._grpc.start()
                _calm_collector()
                await self._set_ready(True)
                log.info("serving")
                await stop.wait()
                await self._drain()
                for task in self._tasks:
                    task.cancel()

    async def _listen(self, listening: AsyncExitStack) -> None:
        settings, certificate = self._settings, self._settings.certificate
        address = f"{settings.host}:{settings.grpc_port}"
        ready = probe("/readyz", "ready", lambda: self._ready)
        plain = [probe("/livez", "alive", self._alive), ready, web.get("/metrics", metrics)]
        if certificate is None:
            self._grpc.add_insecure_port(address)
            plain += self._routes
        else:
            self._grpc.add_secure_port(address, certificate.server_credentials())
            secure, tls = [ready, *self._routes], certificate.server_context()
            https = await serve_http(settings.host, settings.https_port, *secure, tls=tls)
            listening.push_async_callback(https.cleanup)
        http = await serve_http(settings.host, settings.http_port, *plain)
        listening.push_async_callback(http.cleanup)

    def _alive(self) -> bool:
        """That anybody hears this says that the event loop turns; a background task that is done has died."""
        return not any(task.done() for task in self._tasks)

    async def _drain(self) -> None:
        log.info("draining")
        await self._set_ready(False)
        for callback in self._on_drain:
            callback()
        await self._grpc.stop(self._settings.drain_seconds)

    async def _set_ready(self, ready: bool) -> None:
        self._ready = ready
        status = health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
        await self._health.set("", status)


def _calm_collector() -> None:
    """What is loaded by now lives as long as the process. Looking through it again and again would stop every stream
    for a tenth of a second (measured with 1,000 watchers)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def _check(descriptor: ServiceDescriptor, implementation: object) -> None:
    for method in descriptor.methods:
        wanted = GetMessageClass(method.input_type)
        hints = get_type_hints(getattr(implementation, method.name))
        given = hints.get("request") or hints["requests"].__args__[0]
        if given is not wanted:
            raise TypeError(f"{descriptor.full_name}/{method.name} takes {given}, the contract says {wanted}")
