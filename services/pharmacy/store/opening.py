"""Opening hours as they are stored."""

from collections.abc import Iterable
from functools import lru_cache

from apricot.pharmacy.v1.pharmacy_pb2 import OpeningHours, OpeningInterval

from services.pharmacy.domain.hours import Interval


@lru_cache(maxsize=4096)
def intervals(hours: bytes) -> tuple[Interval, ...]:
    """Of stored `OpeningHours`. Errors: `BadHoursError`."""
    return tuple(
        Interval(one.weekday, one.opens_minute, one.closes_minute) for one in OpeningHours.FromString(hours).intervals
    )


def opening_hours(wanted: Iterable[Interval]) -> OpeningHours:
    """As the contract has them."""
    return OpeningHours(
        intervals=[
            OpeningInterval(weekday=one.weekday, opens_minute=one.opens_minute, closes_minute=one.closes_minute)
            for one in wanted
        ]
    )
