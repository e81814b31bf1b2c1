"""The way into JetStream: one connection, one order.

A client that reconnects by itself sends what it still holds after what it has lost, and so turns the order round. This
one is thrown away when anything fails, and its publisher begins again from the first event that was not acknowledged:
JetStream drops by its id what it has already.
"""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from opentelemetry.trace import SpanKind

from kit import telemetry
from kit.certificates import Certificate
from kit.subjects import inbox_of

log = structlog.get_logger()

TRANSACTION_HEADER = "Apricot-Transaction"

_ACK_SECONDS, _PUBLISH_SECONDS, _CLOSE_SECONDS = 5.0, 30.0, 2.0
_IN_FLIGHT_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Publication:
    """An event on its way out."""

    event_id: str
    """Unique for the event: a second publication of the same is dropped."""
    subject: str
    payload: bytes
    transaction_id: int = 0
    """The PostgreSQL transaction that wrote it (`pg_current_xact_id`); 0 when none did."""


@dataclass(frozen=True)
class Nodes:
    """Where NATS is, and who asks."""

    url: str
    """`nats://…` or `tls://…`; of several nodes with commas between."""
    certificate: Certificate | None = None

    def options(self) -> dict[str, Any]:
        """For a client's `connect`."""
        servers = self.url.split(",")
        known = urlsplit(servers[0])  # nodes that others tell of have no user in their addresses
        user, password = (unquote(part) if part else None for part in (known.username, known.password))
        inbox = {"inbox_prefix": inbox_of(user)} if user else {}
        return {"servers": servers, "user": user, "password": password, **inbox, **self.tls()}

    def tls(self) -> dict[str, Any]:
        """TLS before NATS's first word, which else could say that there is none."""
        if not self.url.startswith("tls:"):
            return {}
        context = self.certificate.client_context() if self.certificate else ssl.create_default_context()
        return {"tls": context, "tls_handshake_first": True}


class Pipe:
    """A connection that ends at its first failure."""

    def __init__(self) -> None:
        self._client = Client()
        self._acks: dict[str, asyncio.Future[bytes]] = {}
        self._inbox = ""
        self._published = 0
        self._limit: asyncio.Timeout | None = None
        """Of the publication under way."""

    @classmethod
    async def connect(cls, nodes: Nodes, name: str) -> "Pipe":
        """Errors: an outage."""
        pipe = cls()
        try:
            await pipe._client.connect(
                **nodes.options(),
                name=name,
                allow_reconnect=False,
                ping_interval=5,
                error_cb=_ignore,
                disconnected_cb=pipe._on_broken,
                closed_cb=pipe._on_broken,
            )
            pipe._inbox = pipe._client.new_inbox()
            await pipe._client.subscribe(f"{pipe._inbox}.*", cb=pipe._on_ack)
        except BaseException:
            await pipe.close()
            raise
        return pipe

    async def close(self) -> None:
        """Throw it away."""
        with suppress(nats.errors.Error, OSError):  # TimeoutError among them
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._client.close()

    async def publish(self, publications: Sequence[Publication]) -> None:
        """Publish in order and return once JetStream has stored all of them. Errors: an outage."""
        with telemetry.step("nats publish", SpanKind.PRODUCER):
            try:
                # A server that reads no more blocks even the writing.
                async with asyncio.timeout(_PUBLISH_SECONDS) as self._limit:
                    await self._publish(publications)
            except nats.errors.ConnectionClosedError as error:
                raise ConnectionError("the connection to NATS broke") from error
            finally:
                self._limit = None
                self._acks.clear()

    async def _publish(self, publications: Sequence[Publication]) -> None:
        headers = telemetry.trace_headers()
        waiting: list[asyncio.Future[bytes]] = []
        size = 0
        for publication in publications:
            reply, acknowledged = self._expect_ack()
            waiting.append(acknowledged)
            await self._client.publish(
                publication.subject,
                publication.payload,
                reply=reply,
                headers={
                    "Nats-Msg-Id": publication.event_id,
                    TRANSACTION_HEADER: str(publication.transaction_id),
                    **headers,
                },
            )
            size += len(publication.payload)
            if size > _IN_FLIGHT_BYTES:
                await _all_stored(waiting)
                waiting, size = [], 0
        await _all_stored(waiting)

    def _expect_ack(self) -> tuple[str, asyncio.Future[bytes]]:
        self._published += 1
        reply = f"{self._inbox}.{self._published}"
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._acks[reply] = future
        return reply, future

    async def _on_ack(self, message: Msg) -> None:
        future = self._acks.pop(message.subject, None)
        if future is not None and not future.done():
            future.set_result(message.data)

    async def _on_broken(self) -> None:
        """Nobody waits for an answer that cannot come, nor for a write that nobody takes."""
        for future in self._acks.values():
            future.cancel()
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())


async def _all_stored(waiting: Sequence[asyncio.Future[bytes]]) -> None:
    if not waiting:
        return
    done, late = await asyncio.wait(waiting, timeout=_ACK_SECONDS)
    if late or any(future.cancelled() for future in done):
        raise ConnectionError("NATS did not acknowledge every event")
    for future in waiting:
        answer = future.result()
        if not answer:  # what is said where nobody answers: the stream has no leader just now
            raise ConnectionError("NATS stored an event nowhere")
        if b'"error"' in answer:
            raise nats.errors.Error(f"JetStream refused an event: {answer.decode()[:200]}")


async def _ignore(error: Exception) -> None:
    log.debug("nats", error=type(error).__name__)
