"""The one way to another service: all of its replicas in turn, known by its name, whatever address it is found at."""

import asyncio
import json
from types import TracebackType
from typing import Any, Self

import grpc

from kit.certificates import Certificate, Pem

_OPTIONS = [
    ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
    # A replica that is lost is replaced at another address; by default that is looked up after half a minute.
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # Finds replicas that left without a word.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
]
_GRACE_SECONDS = 60.0


def open_channel(service: str, address: str, certificate: Certificate | None) -> grpc.aio.Channel:
    """A channel to `address`: `host:port` with every address that DNS has for the host, or `ipv4:host:port,…`. With a
    certificate it is TLS, and the other side has to be `service` by its own."""
    if certificate is None:
        return grpc.aio.insecure_channel(address, options=_OPTIONS)
    return _SecureChannel(service, address, certificate)


class _SecureChannel(grpc.aio.Channel):
    """Shows the newest certificate: gRPC's own channels keep the one that they began with."""

    def __init__(self, service: str, address: str, certificate: Certificate) -> None:
        self._service, self._address, self._certificate = service, address, certificate
        self._shown: Pem | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._channel = self._newest()

    def unary_unary(self, *method: Any, **serializers: Any) -> Any:
        return self._method("unary_unary", *method, **serializers)

    def unary_stream(self, *method: Any, **serializers: Any) -> Any:
        return self._method("unary_stream", *method, **serializers)

    def stream_unary(self, *method: Any, **serializers: Any) -> Any:
        return self._method("stream_unary", *method, **serializers)

    def stream_stream(self, *method: Any, **serializers: Any) -> Any:
        return self._method("stream_stream", *method, **serializers)

    def _method(self, kind: str, *method: Any, **serializers: Any) -> Any:
        def call(*request: Any, **options: Any) -> Any:
            return getattr(self._newest(), kind)(*method, **serializers)(*request, **options)

        return call

    def _newest(self) -> grpc.aio.Channel:
        pem = self._certificate.pem()
        if pem is not self._shown:
            if self._shown is not None:
                leave = asyncio.create_task(self._channel.close(_GRACE_SECONDS))
                self._leaving.add(leave)
                leave.add_done_callback(self._leaving.discard)
            credentials = grpc.ssl_channel_credentials(pem.ca, pem.key, pem.chain)
            options = [*_OPTIONS, ("grpc.default_authority", self._service)]
            self._channel = grpc.aio.secure_channel(self._address, credentials, options=options)
            self._shown = pem
        return self._channel

    async def close(self, grace: float | None = None) -> None:
        for leave in self._leaving:
            leave.cancel()
        await self._channel.close(grace)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        return self._newest().get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        await self._newest().wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        await self._newest().channel_ready()
