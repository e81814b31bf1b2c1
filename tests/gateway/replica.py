"""A service's part in the gateway's tests: takes every method of the contract, and remembers what came."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from kit.certificates import Certificate
from services.gateway import contract
from services.gateway.contract import Method
from services.gateway.routes import REFLECTION
from services.gateway.settings import CONTRACT

METHODS = {method.path: method for method in contract.methods(contract.load(CONTRACT))}


type Context = grpc.aio.ServicerContext[bytes, bytes]


@dataclass
class Call:
    path: str
    metadata: dict[str, str]
    body: bytes
    seconds: float | None
    """Until its deadline."""


class Replica:
    """Answers what `answers` says, else the request itself; a path in `failures` fails."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: dict[str, bytes] = {}
        self.failures: dict[str, grpc.StatusCode] = {}
        self.open_streams = 0
        self.release = asyncio.Event()
        """Server streams end when it is set."""
        self.release.set()
        self.address = ""
        self._health = health.aio.HealthServicer()

    @asynccontextmanager
    async def serving(self, certificate: Certificate | None = None) -> AsyncIterator["Replica"]:
        """With a certificate by TLS alone."""
        server = grpc.aio.server()
        services = {method.service for method in METHODS.values()}
        for service in services:
            handlers = {m.name: self._handler(m) for m in METHODS.values() if m.service == service}
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
        for method in REFLECTION:
            handler = {method.name: self._handler(method)}
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(method.service, handler),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        anywhere = "127.0.0.1:0"
        port = (
            server.add_secure_port(anywhere, certificate.server_credentials())
            if certificate
            else server.add_insecure_port(anywhere)
        )
        self.address = f"127.0.0.1:{port}"
        await server.start()
        try:
            yield self
        finally:
            self.release.set()
            await server.stop(None)

    async def set_serving(self, serving: bool) -> None:
        status = health_pb2.HealthCheckResponse
        await self._health.set("", status.SERVING if serving else status.NOT_SERVING)

    def _handler(self, method: Method) -> "grpc.RpcMethodHandler[bytes, bytes]":
        async def one(request: bytes, context: Context) -> bytes:
            return await self._take(method, request, context)

        async def many(request: bytes, context: Context) -> AsyncIterator[bytes]:
            yield await self._take(method, request, context)
            self.open_streams += 1
            await self.release.wait()
            self.open_streams -= 1

        async def from_many(requests: AsyncIterator[bytes], context: Context) -> bytes:
            return await self._take(method, b"".join([request async for request in requests]), context)

        async def each(requests: AsyncIterator[bytes], context: Context) -> AsyncIterator[bytes]:
            async for request in requests:
                yield await self._take(method, request, context)

        makers: dict[tuple[bool, bool], Any] = {
            (False, False): lambda: grpc.unary_unary_rpc_method_handler(one),
            (False, True): lambda: grpc.unary_stream_rpc_method_handler(many),
            (True, False): lambda: grpc.stream_unary_rpc_method_handler(from_many),
            (True, True): lambda: grpc.stream_stream_rpc_method_handler(each),
        }
        handler: grpc.RpcMethodHandler[bytes, bytes] = makers[method.client_streaming, method.server_streaming]()
        return handler

    async def _take(self, method: Method, request: bytes, context: Context) -> bytes:
        metadata = {str(key): str(value) for key, value in context.invocation_metadata() or ()}
        self.calls.append(Call(method.path, metadata, request, context.time_remaining()))
        if code := self.failures.get(method.path):
            await context.abort(code, "failed on purpose")
        return self.answers.get(method.path, request)
