"""The dead-man's word: how far the readings have been looked at for alerts.

The relay's ticks come to the evaluation among the entries. Once JetStream knows that everything up to a tick was
acknowledged, by whichever worker, every reading stored before the tick's instant was looked at. That instant is
published through the stream; when it stops moving, watchers are told (`rpc/vigil.py`).
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime

import structlog
from google.protobuf.timestamp_pb2 import Timestamp
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.bus import TICK_EVENT, Bus, Event
from kit.clock import Clock
from kit.consumer import Handler
from kit.database import Database
from kit.outages import is_outage
from kit.times import to_datetime, to_timestamp
from services.glucose import events
from services.glucose.store import alerts as store

log = structlog.get_logger()

CONSUMER = "glucose-alerts"
SUBJECTS = "apricot.glucose.entry.>", f"apricot.glucose.{TICK_EVENT}.all"
"""What the evaluation listens to."""

_EVERY_SECONDS = 1.0
_MOST_TICKS = 1000


class Progress:
    """Follows the evaluation and says how far it is."""

    def __init__(self, database: Database, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._ticks: deque[tuple[int, datetime]] = deque(maxlen=_MOST_TICKS)

    def following(self, look: Handler) -> Handler:
        """A handler of entries that is not troubled with ticks."""

        async def handle(session: AsyncSession, batch: Sequence[Event]) -> None:
            entries = [event for event in batch if event.kind != TICK_EVENT]
            if entries:
                await look(session, entries)
            for event in batch:
                if event.kind == TICK_EVENT:
                    self._ticks.append((event.sequence, to_datetime(Timestamp.FromString(event.payload))))

        return handle

    async def run(self) -> None:
        """Until cancelled; an outage is waited out, and noticed by the silence."""
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            try:
                await self.say()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("nobody can say how far the alerts are", error=type(error).__name__)

    async def say(self) -> None:
        """Publish how far everything was looked at, when this worker knows more than before."""
        info = await self._bus.jetstream.consumer_info("glucose", CONSUMER)
        reached = info.ack_floor.stream_seq if info.ack_floor else 0
        complete_until: datetime | None = None
        while self._ticks and self._ticks[0][0] <= reached:
            complete_until = self._ticks.popleft()[1]
        if complete_until is None:
            return
        async with self._database.connection() as connection:
            first_due = await store.first_due(connection)
        if first_due is not None:
            complete_until = min(complete_until, first_due)  # what time alone has changed counts too
        instant = to_timestamp(complete_until)
        await self._bus.jetstream.publish(
            events.subject(events.ALERTS_EVALUATED, "all"),
            instant.SerializeToString(),
            headers={"Nats-Msg-Id": f"glucose-evaluated-{instant.ToMicroseconds()}"},
        )
