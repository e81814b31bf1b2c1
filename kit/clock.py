"""Time, injected: tests hold the clock still or move it."""

from collections.abc import Callable
from datetime import UTC, datetime

type Clock = Callable[[], datetime]
"""Gives the present instant, in UTC."""


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)
