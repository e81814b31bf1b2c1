"""The feed: every event of one stream, in order, each once, to this process; across every outage of NATS."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from kit.bus import Bus, Event, event_of
from kit.outages import is_outage

log = structlog.get_logger()

_HEARTBEAT_SECONDS = 1.0
_REPLAY_HEARTBEAT_SECONDS = 0.1
_SILENCE_SECONDS = 3.0
_TRIES, _TRY_SECONDS = 5, 0.5


class Broken(ConnectionError):
    """The consumer behind the feed is gone or has skipped a message; go on with a new one."""


class Feed:
    """Reads one stream from now on."""

    def __init__(
        self, bus: Bus, service: str, on_event: Callable[[Event], None], on_loss: Callable[[], None] | None = None
    ) -> None:
        self._bus = bus
        self._service = service
        self._on_event = on_event
        self._on_loss = on_loss
        self.sequence = 0
        """The last event handed on."""
        self.epoch = 0
        """Which stream it is (`StreamState.epoch`)."""

    async def start(self, recall: timedelta = timedelta(0)) -> None:
        """Hand on the events of the last `recall`: what a process has to know of the past before it serves. Errors: an
        outage."""
        state = await self._bus.ensure_stream(self._service)
        self.sequence, self.epoch = state.last_sequence, state.epoch
        if recall:
            async with aclosing(replay_since(self._bus, self._service, datetime.now(UTC) - recall)) as recent:
                async for event in recent:
                    self._hand_on(event)

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                await self._resume()
                async for event in read(self._bus, self._service, self.sequence + 1):
                    self._hand_on(event)
            except Exception as error:
                if not is_outage(error):
                    raise
                log.info("the feed starts again", feed=self._service, error=type(error).__name__)
                await asyncio.sleep(0.1)

    def _hand_on(self, event: Event) -> None:
        self.sequence = event.sequence
        self._on_event(event)

    async def _resume(self) -> None:
        state = await self._bus.ensure_stream(self._service)
        if state.epoch != self.epoch or state.last_sequence < self.sequence:
            log.error("the stream was made anew; events may be missing", feed=self._service)
            self.sequence, self.epoch = state.last_sequence, state.epoch
            if self._on_loss is not None:
                self._on_loss()


async def read(bus: Bus, service: str, first_sequence: int) -> AsyncGenerator[Event]:
    """Every event from a sequence on, endlessly. Errors: an outage when the consumer is lost."""
    async with _consumer(bus, service, _from_sequence(first_sequence), _HEARTBEAT_SECONDS) as reader:
        while True:
            yield event_of(await reader.next())


async def replay(
    bus: Bus, service: str, first_sequence: int, last_sequence: int, subjects: Sequence[str]
) -> AsyncGenerator[Event]:
    """The events of these subjects from one sequence to another, both included. Errors: an outage."""
    config = _from_sequence(first_sequence)
    config.filter_subjects = list(subjects)
    async with aclosing(_replay(bus, service, config, last_sequence)) as events:
        async for event in events:
            if event.sequence > last_sequence:
                return
            yield event


async def replay_since(bus: Bus, service: str, instant: datetime) -> AsyncGenerator[Event]:
    """The events stored since an instant, up to now. Errors: an outage."""
    last_sequence = (await bus.ensure_stream(service)).last_sequence
    config = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=instant)
    async with aclosing(_replay(bus, service, config, last_sequence)) as events:
        async for event in events:
            yield event


async def _replay(bus: Bus, service: str, config: ConsumerConfig, last_sequence: int) -> AsyncGenerator[Event]:
    """What is left to deliver is only what the consumer's node knows: with copies of the stream it may lag behind, so
    that what counts is how far it has looked, which it tells with each message and heartbeat."""
    async with _consumer(bus, service, config, _REPLAY_HEARTBEAT_SECONDS) as reader:
        pending = reader.pending
        while pending if bus.copies == 1 else reader.looked_until < last_sequence:
            if (message := await reader.receive()) is not None:
                yield event_of(message)
                pending = message.metadata.num_pending


def _from_sequence(first: int) -> ConsumerConfig:
    return ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=first)


class _Reader:
    """What an ephemeral consumer delivers, checked for gaps and silence."""

    def __init__(self, bus: Bus) -> None:
        self.pending = 0
        """Messages that wait as the consumer begins."""
        self.looked_until = 0
        """The last sequence of the stream that the consumer has passed, whether or not it delivers it."""
        self.messages: asyncio.Queue[Msg] = asyncio.Queue()
        self._bus = bus
        self._delivered = 0
        self._subscription: Subscription | None = None

    async def begin(self, service: str, config: ConsumerConfig, seconds: float | None = None) -> Self:
        """Have it deliver here, if it answers within so many seconds. Errors: an outage."""
        client, inbox = self._bus.client, self._bus.client.new_inbox()

        async def received(message: Msg) -> None:
            self.messages.put_nowait(message)

        self._subscription = await client.subscribe(inbox, cb=received, pending_msgs_limit=-1, pending_bytes_limit=-1)
        config = replace(
            config,
            deliver_subject=inbox,
            ack_policy=AckPolicy.NONE,
            max_deliver=1,
            flow_control=True,
            inactive_threshold=10,  # seconds; the server forgets it when we are gone
            mem_storage=True,
            num_replicas=1,
        )
        try:
            info = await self._bus.jetstream.add_consumer(service, config, timeout=seconds)
        except BaseException:
            await self.close()
            raise
        self.pending = info.num_pending or 0
        return self

    async def close(self) -> None:
        """Also while the client reconnects: it would subscribe again, and collect for ever what nobody reads."""
        if self._subscription is not None and not self._bus.client.is_closed:
            await self._subscription.unsubscribe()

    async def next(self) -> Msg:
        """The next message."""
        while (message := await self.receive()) is None:
            pass
        return message

    async def receive(self) -> Msg | None:
        """The next message; none: the server only says that the consumer lives."""
        async with asyncio.timeout(_SILENCE_SECONDS):
            message = await self.messages.get()
        if message.headers and "Status" in message.headers:
            await self._hear(message, message.headers)
            return None
        self._delivered += 1
        if message.metadata.sequence.consumer != self._delivered:
            raise Broken
        self.looked_until = message.metadata.sequence.stream
        return message

    async def _hear(self, message: Msg, headers: dict[str, str]) -> None:
        # Flow control: say that we have come this far; again when the first word of it was lost.
        if reply := message.reply or headers.get("Nats-Consumer-Stalled"):
            await self._bus.client.publish(reply)
        if int(headers.get("Nats-Last-Consumer", self._delivered)) != self._delivered:
            raise Broken
        self.looked_until = max(self.looked_until, int(headers.get("Nats-Last-Stream", 0)))


@asynccontextmanager
async def _consumer(bus: Bus, service: str, config: ConsumerConfig, heartbeat_seconds: float) -> AsyncIterator[_Reader]:
    """A consumer of this process alone, from where `config` says."""
    reader = await _placed(bus, service, replace(config, idle_heartbeat=heartbeat_seconds))
    try:
        yield reader
    finally:
        await reader.close()


async def _placed(bus: Bus, service: str, config: ConsumerConfig) -> _Reader:
    """A cluster puts it on any node, also on one that has just died and does not answer: then once more."""
    for _ in range(_TRIES if bus.copies > 1 else 0):
        with suppress(TimeoutError):
            return await _Reader(bus).begin(service, config, _TRY_SECONDS)
    return await _Reader(bus).begin(service, config)
