"""How far a durable consumer is behind, as JetStream knows: told beside the work, so that work that hangs is seen."""

from collections.abc import Sequence
from datetime import UTC, datetime

from nats.js.errors import NotFoundError
from prometheus_client import Gauge

from kit.bus import Bus
from kit.rounds import every

PENDING = Gauge("apricot_consumer_pending_events", "Events not yet handled, by consumer.", ["stream", "consumer"])
LAG = Gauge("apricot_consumer_lag_seconds", "Age of the oldest event not yet handled.", ["stream", "consumer"])

_EVERY_SECONDS = 5.0


async def keep_backlog(bus: Bus, stream: str, consumer: str, subjects: Sequence[str]) -> None:
    """Keep both up to date, until cancelled; while NATS is away nothing is shown."""

    async def look() -> None:
        try:
            info = await bus.jetstream.consumer_info(stream, consumer)
        except NotFoundError:  # not made yet
            return
        except BaseException:
            PENDING.clear()
            LAG.clear()
            raise
        pending = (info.num_pending or 0) + (info.num_ack_pending or 0)
        handled = info.ack_floor.stream_seq if info.ack_floor else 0
        oldest = await _oldest(bus, stream, subjects, handled + 1) if pending else None
        PENDING.labels(stream, consumer).set(pending)
        LAG.labels(stream, consumer).set((datetime.now(UTC) - oldest).total_seconds() if oldest else 0)

    await every(_EVERY_SECONDS, look, "the look at a backlog")


async def _oldest(bus: Bus, stream: str, subjects: Sequence[str], first_sequence: int) -> datetime | None:
    """When the first event from there on was stored; none: it was handled or dropped meanwhile."""
    times = []
    for subject in subjects:
        try:
            message = await bus.jetstream.get_msg(stream, seq=first_sequence, subject=subject, next=True)
        except NotFoundError:
            continue
        if message.time is not None:
            times.append(message.time)
    return min(times, default=None)
