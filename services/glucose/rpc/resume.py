"""Resume tokens: where in the stream a watch stands, and what its snapshot already held."""

import base64
import json
from dataclasses import dataclass, replace
from functools import cached_property

from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError


@dataclass(frozen=True)
class Visible:
    """PostgreSQL's snapshot: which transactions a read saw (`pg_current_snapshot`, as `xmin:xmax:running`)."""

    text: str

    @cached_property
    def _parts(self) -> tuple[int, int, frozenset[int]]:
        lowest, next_, running = self.text.split(":")
        return int(lowest), int(next_), frozenset(map(int, running.split(","))) if running else frozenset()

    def __contains__(self, transaction_id: int) -> bool:
        lowest, next_, running = self._parts
        return transaction_id < lowest or (transaction_id < next_ and transaction_id not in running)


@dataclass(frozen=True)
class Position:
    """A place in the stream of entry events."""

    epoch: int
    """Which stream (`kit.bus.StreamState.epoch`)."""
    sequence: int
    """The last event sent."""
    visible: Visible | None = None
    """What the snapshots held, while events behind `sequence` may tell of it again."""

    def behind(self, sequence: int) -> "Position":
        """The place behind an event."""
        return replace(self, sequence=sequence)

    def encode(self) -> str:
        """As an opaque token."""
        parts = [self.epoch, self.sequence, self.visible.text if self.visible else ""]
        return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()

    @classmethod
    def decode(cls, token: str) -> "Position":
        """Errors: INVALID_RESUME_TOKEN."""
        try:
            epoch, sequence, visible = json.loads(base64.urlsafe_b64decode(token.encode()))
            position = cls(int(epoch), int(sequence), Visible(visible) if visible else None)
            if position.visible is not None:
                _ = 0 in position.visible
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise ApricotError(Reason.REASON_INVALID_RESUME_TOKEN, "the resume token is not one of ours") from error
        return position
