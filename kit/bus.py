"""NATS: events go out to JetStream in order and come back as a feed (live, to every process) or to a consumer (durable,
shared among replicas).

Subjects read `apricot.<service>.<noun>.<event>.<id>`; each service owns one stream, `apricot.<service>.>`.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import (
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamInfo,
)
from nats.js.errors import NotFoundError

from kit.certificates import Certificate
from kit.pipe import TRANSACTION_HEADER, Nodes, Pipe, Publication

__all__ = ["RETENTION_SECONDS", "TICK_EVENT", "Bus", "Event", "Publication", "StreamState", "event_of"]

log = structlog.get_logger()

TICK_EVENT = "relay.tick"
"""The noun and event by which a relay says, through the stream itself, how far its stream is complete."""

RETENTION_SECONDS = 24 * 3600.0
"""How long a stream keeps events, and so how old a resume token may be."""

_LEAVE_SECONDS = 2.0
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """An event as it came out of a stream; told from others by identity, which costs a thousand watchers nothing."""

    sequence: int
    """Its place in the stream."""
    event_id: str
    noun: str
    event: str
    key: str
    """The last part of the subject: the patient, for most."""
    payload: bytes
    transaction_id: int

    @property
    def kind(self) -> str:
        """Noun and event, such as "entry.logged"."""
        return f"{self.noun}.{self.event}"


@dataclass(frozen=True)
class StreamState:
    """What a stream holds."""

    epoch: int
    """When the stream was made, in microseconds since 1970; a stream made anew has another."""
    first_sequence: int
    last_sequence: int


@dataclass(frozen=True)
class Streams:
    """How NATS keeps a service's events."""

    copies: int = 1
    max_bytes: int = 1 << 30
    """Of one copy; the oldest go when it is full, whoever has not handled them yet."""


_AS_USUAL = Streams()


class Bus:
    """A process's connections to NATS: one that reconnects by itself, and one to publish in order."""

    def __init__(
        self, client: Client, nodes: Nodes, name: str, streams: Streams | None, *, makes_streams: bool = True
    ) -> None:
        self.client = client
        self.jetstream = client.jetstream(timeout=5)
        self._nodes = nodes
        self._name = name
        self._streams = streams
        self.makes_streams = makes_streams
        """Whether it may make streams; else it waits for those that it needs."""
        self.copies = streams.copies if streams else 1
        """Of the stream that was looked at last."""
        self._pipe: Pipe | None = None

    @classmethod
    async def connect(
        cls,
        url: str,
        name: str,
        streams: Streams | None = _AS_USUAL,
        certificate: Certificate | None = None,
        *,
        makes_streams: bool = True,
    ) -> "Bus":
        """Connect to one of the nodes (`nats://…,nats://…`), trying again until one is there. Streams are made to be
        kept as `streams` says; None: those that there are stay as they are. The certificate is for `tls://…`."""
        client = Client()
        nodes = Nodes(url, certificate)

        async def on_error(error: Exception) -> None:
            log.debug("nats", error=type(error).__name__)
            await renew()

        async def renew() -> None:
            """The next connection shows the certificate as it then is."""
            client.options.update(nodes.tls())

        await client.connect(
            **nodes.options(),
            name=name,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,  # type: ignore[arg-type]  # it sleeps for that long
            ping_interval=5,
            pending_size=1 << 20,
            error_cb=on_error,
            disconnected_cb=renew,
        )
        return cls(client, nodes, name, streams, makes_streams=makes_streams)

    async def close(self) -> None:
        """Leave. Where no server is there any more, what was still to be said to it goes unsaid."""
        await self._drop_pipe()
        try:
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self.client.close()
        except (OSError, TimeoutError, TypeError) as error:  # TypeError: the library writes to a transport that is gone
            log.info("left NATS without a word", error=type(error).__name__)

    async def ensure_stream(self, service: str) -> StreamState:
        """Make the service's stream when it is not there, and have it kept as is wanted; or wait until it is there."""
        wanted = self._streams or _AS_USUAL
        while (info := await self._find_stream(service)) is None and not self.makes_streams:
            await asyncio.sleep(_PAUSE_SECONDS)
        if info is None:
            info = await self.jetstream.add_stream(
                StreamConfig(
                    name=service,
                    subjects=[f"apricot.{service}.>"],
                    retention=RetentionPolicy.LIMITS,
                    discard=DiscardPolicy.OLD,
                    storage=StorageType.FILE,
                    max_age=RETENTION_SECONDS,
                    max_bytes=wanted.max_bytes,
                    duplicate_window=120,
                    num_replicas=wanted.copies,
                )
            )
        if (
            self._streams
            and self.makes_streams
            and (info.config.num_replicas, info.config.max_bytes) != (wanted.copies, wanted.max_bytes)
        ):
            kept = replace(info.config, num_replicas=wanted.copies, max_bytes=wanted.max_bytes)
            info = await self.jetstream.update_stream(kept)
        self.copies = info.config.num_replicas or 1
        created = datetime.fromisoformat(str(info.created)) if info.created else datetime.fromtimestamp(0, UTC)
        return StreamState(
            epoch=int(created.timestamp() * 1_000_000),
            first_sequence=info.state.first_seq,
            last_sequence=info.state.last_seq,
        )

    async def _find_stream(self, service: str) -> StreamInfo | None:
        try:
            return await self.jetstream.stream_info(service)
        except NotFoundError:
            return None

    async def publish(self, publications: Sequence[Publication]) -> None:
        """Publish in order and return once JetStream has stored all of them; for one caller at a time.

        After an error some of the first are stored; publish the same again, from the first.
        """
        if self._pipe is None:
            self._pipe = await Pipe.connect(self._nodes, f"{self._name}-publisher")
        try:
            await self._pipe.publish(publications)
        except BaseException:
            await self._drop_pipe()
            raise

    async def _drop_pipe(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            await pipe.close()

    async def ping(self, subject: str) -> None:
        """Tell whoever listens, at most once; nothing is stored."""
        await self.client.publish(subject)

    async def on_ping(self, subject: str, callback: Callable[[], None]) -> None:
        """Call back at each ping."""

        async def pinged(_: Msg) -> None:
            callback()

        await self.client.subscribe(subject, cb=pinged)


def event_of(message: Msg) -> Event:
    """The event in a JetStream message."""
    _, _, noun, event, key = message.subject.split(".", 4)
    headers = message.headers or {}
    return Event(
        sequence=message.metadata.sequence.stream,
        event_id=headers.get("Nats-Msg-Id", ""),
        noun=noun,
        event=event,
        key=key,
        payload=message.data,
        transaction_id=int(headers.get(TRANSACTION_HEADER, 0)),
    )
