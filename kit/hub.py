"""The hub: one feed, many watchers; each watcher has its keys and a bounded queue."""

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime

from apricot.errors.v1.reason_pb2 import Reason
from google.protobuf.timestamp_pb2 import Timestamp
from prometheus_client import Gauge

from kit import telemetry
from kit.bus import TICK_EVENT, Event
from kit.errors import ApricotError
from kit.times import to_datetime

LAG = Gauge("apricot_live_lag_seconds", "Age of the instant up to which live watches are complete.")

QUEUE_LIMIT = 1_000
"""Events that a watcher may lag behind before it is closed."""
_BYTES_LIMIT = 8 << 20


class Subscription:
    """One watcher's queue."""

    def __init__(self, keys: Iterable[str], limit: int) -> None:
        self.keys = frozenset(keys)
        self._limit = limit
        self._events: deque[Event] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()
        self._end: ApricotError | None = None

    async def next(self) -> Event | None:
        """The next event; none after a nudge. Errors: the one the subscription was ended with."""
        await self._arrived.wait()
        self.require_open()
        event = self._events.popleft() if self._events else None
        if event is not None:
            self._bytes -= len(event.payload)
        if not self._events:
            self._arrived.clear()
        return event

    def require_open(self) -> None:
        """Errors: the one the subscription was ended with."""
        if self._end is not None:
            raise self._end

    def nudge(self) -> None:
        """Let `next` return though nothing came: it is time for something else."""
        self._arrived.set()

    @property
    def idle(self) -> bool:
        """Whether every event that came was taken."""
        return not self._events

    def put(self, event: Event) -> None:
        """Queue an event; one too many ends the watch, and its queue is dropped."""
        if self._end is not None:
            return
        self._bytes += len(event.payload)
        if len(self._events) >= self._limit or (self._bytes > _BYTES_LIMIT and self._events):
            telemetry.DROPPED_WATCHERS.inc()
            self.end(ApricotError(Reason.REASON_WATCHER_TOO_SLOW, "the watcher reads slower than events come"))
            return
        self._events.append(event)
        self._arrived.set()

    def end(self, error: ApricotError) -> None:
        """End the watch with this error, before anything that is still queued. The first end counts."""
        if self._end is not None:
            return
        self._end = error
        self._events.clear()
        self._arrived.set()


class Hub:
    """Hands each event of some nouns to the subscriptions that asked for its key."""

    def __init__(self, nouns: Iterable[str], queue_limit: int = QUEUE_LIMIT) -> None:
        self._nouns = frozenset(nouns)
        self._limit = queue_limit
        self._by_key: dict[str, set[Subscription]] = {}
        self.complete_until = datetime.fromtimestamp(0, UTC)
        """Every event committed before this instant was handed on."""
        LAG.set_function(lambda: (datetime.now(UTC) - self.complete_until).total_seconds())

    def subscribe(self, keys: Iterable[str]) -> Subscription:
        """Begin to queue the events of these keys; pair with `unsubscribe`."""
        subscription = Subscription(keys, self._limit)
        for key in subscription.keys:
            self._by_key.setdefault(key, set()).add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop queueing."""
        for key in subscription.keys:
            watchers = self._by_key[key]
            watchers.discard(subscription)
            if not watchers:
                del self._by_key[key]

    def dispatch(self, event: Event) -> None:
        """Hand one event on; called by the feed, in order."""
        if event.kind == TICK_EVENT:
            # Never backwards: a relay that was replaced may still have spoken after its successor.
            self.complete_until = max(self.complete_until, to_datetime(Timestamp.FromString(event.payload)))
            return
        if event.noun in self._nouns:
            for subscription in self._by_key.get(event.key, ()):
                subscription.put(event)
