"""Ranges of the data's own time, as grants open them, in queries."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

from kit.views import Range


def within(time: Any, ranges: Sequence[Range]) -> ColumnElement[bool]:
    """Whether an instant lies in one of the ranges."""
    return or_(false(), *(and_(time >= start, time < end) for start, end in ranges))


def overlap(start_time: Any, end_time: Any, ranges: Sequence[Range]) -> ColumnElement[bool]:
    """Whether a span meets one of the ranges; a span without end goes on."""
    return or_(false(), *(and_(start_time < end, or_(end_time.is_(None), end_time > start)) for start, end in ranges))
