"""How good the way to the other side is."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from aiortc.stats import RTCInboundRtpStreamStats, RTCRemoteInboundRtpStreamStats, RTCStats

_SECONDS = 5
"""Over so many, one look each."""
_FEWEST_PACKETS = 50
_GOOD = 0.02, 0.3
"""Up to this share of packets lost, and this round trip in seconds, nobody notices."""
_FAIR = 0.08, 0.6


class Quality(Enum):
    """In a word."""

    UNKNOWN = auto()
    GOOD = auto()
    FAIR = auto()
    POOR = auto()


@dataclass(frozen=True)
class Counted:
    """Since a connection began."""

    received: int
    lost: int
    round_trip_seconds: float | None
    """As this side measures it; None before it did."""


def counted(stats: Iterable[RTCStats]) -> Counted:
    """What WebRTC's statistics say of it."""
    incoming = [each for each in stats if isinstance(each, RTCInboundRtpStreamStats)]
    trips = [each.roundTripTime for each in stats if isinstance(each, RTCRemoteInboundRtpStreamStats)]
    known = [trip for trip in trips if trip is not None]
    return Counted(
        sum(each.packetsReceived for each in incoming),
        sum(max(each.packetsLost, 0) for each in incoming),
        max(known, default=None),
    )


class Meter:
    """Looks back a few seconds."""

    def __init__(self) -> None:
        self._looks: deque[Counted] = deque(maxlen=_SECONDS + 1)

    def look(self, now: Counted) -> Quality:
        """Once a second; fewer packets than before are a new connection's."""
        if self._looks and now.received < self._looks[-1].received:
            self._looks.clear()
        self._looks.append(now)
        received, lost = now.received - self._looks[0].received, now.lost - self._looks[0].lost
        if received + lost < _FEWEST_PACKETS:
            return Quality.UNKNOWN
        measured = max(lost, 0) / (received + lost), now.round_trip_seconds or 0.0
        if all(value <= limit for value, limit in zip(measured, _GOOD, strict=True)):
            return Quality.GOOD
        fair = all(value <= limit for value, limit in zip(measured, _FAIR, strict=True))
        return Quality.FAIR if fair else Quality.POOR
