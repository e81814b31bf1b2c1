"""Signing keys in time: a key is published before it signs, and stays published until its last token has expired."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol


class TimedKey(Protocol):
    """A key that signs from an instant on, until the next one does."""

    @property
    def activate_time(self) -> datetime: ...


def signing[K: TimedKey](keys: Sequence[K], now: datetime) -> K | None:
    """The key that signs: of those already active, the one that came last."""
    active = [key for key in keys if key.activate_time <= now]
    return max(active, key=lambda key: key.activate_time, default=None)


def published[K: TimedKey](keys: Sequence[K], now: datetime, token_lifetime: timedelta) -> list[K]:
    """The keys whose tokens live or are to come: a key goes once its successor has signed for a token's lifetime."""
    since = signing(keys, now - token_lifetime)
    return [key for key in keys if since is None or key.activate_time >= since.activate_time]
