"""How long the client waits: for an answer, for a sign of life, and before it tries again."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """All in seconds. The defaults suit phones and desktops; tests make them small."""

    call: float = 10.0
    """A call's deadline, repeats included, when the caller names none."""
    upload: float = 600.0
    """How long one part of an upload may take until it is acknowledged, repeats included."""
    silence: float = 15.0
    """A watch that hears nothing for so long has lost its stream; heartbeats come about every 5 s."""
    refresh_margin: float = 60.0
    """An access token is renewed so long before it expires."""
    first_delay: float = 0.2
    """The longest wait before the first repeat; it doubles with each."""
    longest_delay: float = 5.0
    """The longest wait before any repeat."""


class Backoff:
    """Growing waits with full jitter, so that a thousand clients cut off at once do not come back at once."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._failures = 0

    def reset(self) -> None:
        """All is well again."""
        self._failures = 0

    def next_delay(self) -> float:
        """Seconds to wait after one more failure."""
        longest = min(self._pace.longest_delay, self._pace.first_delay * 2 ** min(self._failures, 16))
        self._failures += 1
        return random.uniform(0, longest)  # noqa: S311  spreads load, guards nothing
