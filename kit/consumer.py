"""A durable consumer: each event of some subjects handled once, by whichever replica is free.

JetStream delivers at least once; the inbox, written in the handler's own transaction, makes it once. An event is
acknowledged after that commit, given back when a part is out, and parked when it never will succeed. What waits
together is handled together, in one transaction; where that fails, each by itself.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig
from prometheus_client import Gauge
from sqlalchemy import Index, func, text
from sqlmodel import Column, DateTime, Field, LargeBinary, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from kit import telemetry
from kit.backlog import Backlog
from kit.bus import Bus, Event, event_of
from kit.database import Database
from kit.figures import Figure
from kit.outages import is_outage
from kit.retention import WORKING, working

log = structlog.get_logger()

type Handler = Callable[[AsyncSession, Sequence[Event]], Awaitable[None]]
"""Works on events that come for the first time, in their order."""

_MAX_TRIES = 5
_BATCH = 500
_FIRST_TIME = text(
    "insert into handled_event (consumer, event_id) select :consumer, unnest(cast(:event_ids as text[])) "
    "on conflict do nothing returning event_id"
)


FIGURES = (
    Figure(
        Gauge("apricot_parked_events", "Events that failed on every try, by consumer.", ["consumer"]),
        "select consumer, count(*) from parked_event group by consumer",
    ),
)


class HandledEvent(SQLModel, table=True):
    """The inbox: an event that a consumer has handled. Kept for a week."""

    __tablename__ = "handled_event"
    __retention__ = working("handle_time", "7 days")
    __table_args__ = (Index("handled_event_handle_time", "handle_time", postgresql_using="brin"),)

    consumer: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    handle_time: datetime | None = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False),
    )


class ParkedEvent(SQLModel, table=True):
    """An event that failed on every try, kept for an operator."""

    __tablename__ = "parked_event"
    __retention__ = WORKING

    consumer: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    subject: str
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    error: str
    park_time: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False)
    )


class Consumer:
    """Handles the events of one stream's subjects."""

    def __init__(
        self,
        bus: Bus,
        database: Database,
        name: str,
        stream: str,
        subjects: Sequence[str],
        handler: Handler,
        after_commit: Callable[[], Awaitable[None]] | None = None,
        ack_wait_seconds: float = 30,
        gather_seconds: float = 0,
    ) -> None:
        """What a dead worker had taken is handed to another after `ack_wait_seconds`; a batch has to take less. Between
        the beginnings of two batches lie `gather_seconds`: a lone event waits for nothing, many come together."""
        self._bus = bus
        self._database = database
        self._name = name
        self._stream = stream
        self._subjects = list(subjects)
        self._handler = handler
        self._after_commit = after_commit
        self._ack_wait_seconds = ack_wait_seconds
        self._gather_seconds = gather_seconds
        self._backlog = Backlog(bus, stream, name)

    async def run(self) -> None:
        """Consume until cancelled; outages are waited out."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._backlog.keep())
            group.create_task(self._consume_for_ever())

    async def _consume_for_ever(self) -> None:
        while True:
            try:
                await self._consume()
            except Exception as error:
                if not is_outage(error):
                    raise
                await asyncio.sleep(0.3)

    async def _consume(self) -> None:
        if self._bus.makes_streams:
            await self._bus.ensure_stream(self._stream)
        # One subject alone stands in the request's own subject, so that NATS can hold what a service may ask for.
        one = self._subjects[0] if len(self._subjects) == 1 else ""
        subscription = await self._bus.jetstream.pull_subscribe(
            one,
            durable=self._name,
            stream=self._stream,
            config=ConsumerConfig(
                filter_subjects=None if one else self._subjects,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=self._ack_wait_seconds,
                max_ack_pending=1000,
            ),
        )
        try:
            while True:
                try:
                    messages = await subscription.fetch(_BATCH, timeout=2)
                except nats.errors.TimeoutError:
                    continue
                if not messages:
                    continue
                began = time.monotonic()
                self._backlog.took(messages)
                await self._handle(messages)
                self._backlog.handled(messages)
                await asyncio.sleep(began + self._gather_seconds - time.monotonic())
        finally:
            if not self._bus.client.is_closed:
                await subscription.unsubscribe()

    async def _handle(self, messages: Sequence[Msg]) -> None:
        """Together; where that fails, each by itself, so that one bad event holds up no other."""
        try:
            with telemetry.consumed(f"consume {self._name}", messages[0].headers):
                await self._commit([event_of(message) for message in messages])
        except Exception as error:
            if is_outage(error):
                await asyncio.gather(*(message.nak(delay=1) for message in messages))
                raise
            if len(messages) == 1:
                await self._give_back(messages[0], error)
                return
            for message in messages:
                await self._handle([message])
            return
        await asyncio.gather(*(message.ack() for message in messages))
        if self._after_commit is not None:
            await self._after_commit()

    async def _commit(self, events: Sequence[Event]) -> None:
        async with self._database.transaction() as session:
            parameters = {"consumer": self._name, "event_ids": [event.event_id for event in events]}
            first_time = set((await (await session.connection()).execute(_FIRST_TIME, parameters)).scalars())
            fresh = [event for event in events if event.event_id in first_time]
            if fresh:
                await self._handler(session, fresh)

    async def _give_back(self, message: Msg, error: Exception) -> None:
        """Once more in a second; after the last try it is parked."""
        event = event_of(message)
        log.error(
            "an event failed",
            consumer=self._name,
            event_id=event.event_id,
            error=type(error).__name__,
            places=telemetry.places(error),
        )
        if message.metadata.num_delivered < _MAX_TRIES:
            await message.nak(delay=1)
        else:
            await self._park(message, event, error)

    async def _park(self, message: Msg, event: Event, error: Exception) -> None:
        async with self._database.transaction() as session:
            await session.merge(
                ParkedEvent(
                    consumer=self._name,
                    event_id=event.event_id,
                    subject=message.subject,
                    payload=event.payload,
                    error=type(error).__name__,
                )
            )
        await message.term()
