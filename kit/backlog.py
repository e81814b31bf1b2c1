"""How far a durable consumer is behind, as JetStream knows: told beside the work, so that work that hangs is seen."""

from collections.abc import Sequence
from datetime import UTC, datetime

from nats.aio.msg import Msg
from nats.js.errors import NotFoundError
from prometheus_client import Gauge

from kit.bus import Bus
from kit.rounds import every

PENDING = Gauge("apricot_consumer_pending_events", "Events not yet handled, by consumer.", ["stream", "consumer"])
LAG = Gauge("apricot_consumer_lag_seconds", "Age of the oldest event not yet handled.", ["stream", "consumer"])

_EVERY_SECONDS = 5.0


class Backlog:
    """One consumer's, as one process knows it.

    The age is that of the event that this process took last: to ask the stream for the oldest would take the right to
    read any event of it.
    """

    def __init__(self, bus: Bus, stream: str, consumer: str) -> None:
        self._bus = bus
        self._stream, self._consumer = stream, consumer
        self._handled_until = datetime.now(UTC)
        """Nothing older waits, as far as this process knows."""

    def took(self, messages: Sequence[Msg]) -> None:
        """Note events that are about to be handled."""
        self._handled_until = messages[0].metadata.timestamp.astimezone(UTC)

    def handled(self, messages: Sequence[Msg]) -> None:
        """Note events that were handled."""
        self._handled_until = messages[-1].metadata.timestamp.astimezone(UTC)

    async def keep(self) -> None:
        """Keep both gauges up to date until cancelled; while NATS is away nothing is shown."""
        await every(_EVERY_SECONDS, self._look, "the look at a backlog")

    async def _look(self) -> None:
        try:
            info = await self._bus.jetstream.consumer_info(self._stream, self._consumer)
        except NotFoundError:  # not made yet
            return
        except BaseException:
            PENDING.clear()
            LAG.clear()
            raise
        now = datetime.now(UTC)
        pending = (info.num_pending or 0) + (info.num_ack_pending or 0)
        if not pending:
            self._handled_until = now
        PENDING.labels(self._stream, self._consumer).set(pending)
        LAG.labels(self._stream, self._consumer).set(max(0.0, (now - self._handled_until).total_seconds()))
