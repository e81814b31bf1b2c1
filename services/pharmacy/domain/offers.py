"""Which couriers are offered which jobs: the longer one waits, the further away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

RADII = (
    (timedelta(0), 3_000),
    (timedelta(minutes=5), 6_000),
    (timedelta(minutes=10), 12_000),
)
"""From so long a wait on, to couriers within so many metres of the pharmacy."""
LARGEST_RADIUS_METRES = RADII[-1][1]

DUTY_TIME = timedelta(hours=12)
"""Whoever has not said for so long where he is, is off duty: his phone is dead, or he has forgotten it."""

RATINGS = 20
"""The last ones count; with fewer nothing follows from them."""
_LOW_AVERAGE = 4.0
_LOW_RATED_DELAY = timedelta(minutes=10)


class TooManyJobsError(Exception):
    """The courier has as many jobs as he may."""


class TooFarError(Exception):
    """The courier is not where this is done."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows from a courier's ratings."""

    average_stars: float
    """0: there are none."""
    rating_count: int

    @classmethod
    def of(cls, stars: Sequence[int]) -> "Standing":
        """Of the last ratings, at most `RATINGS`."""
        return cls(sum(stars) / len(stars) if stars else 0.0, len(stars))

    @property
    def is_low(self) -> bool:
        return self.rating_count >= RATINGS and self.average_stars < _LOW_AVERAGE

    @property
    def most_jobs(self) -> int:
        """At a time."""
        return 1 if self.is_low else 3

    @property
    def delay(self) -> timedelta:
        """So long what he is offered has waited at least."""
        return _LOW_RATED_DELAY if self.is_low else timedelta(0)

    def require_room(self, open_jobs: int) -> None:
        """Errors: `TooManyJobsError`."""
        if open_jobs >= self.most_jobs:
            raise TooManyJobsError(f"at most {self.most_jobs} at a time")


def radius_metres(waited: timedelta) -> int:
    """How far from the pharmacy a job is offered that has waited so long."""
    return max(metres for since, metres in RADII if waited >= since)


def is_offered(
    waited: timedelta, distance_metres: float, standing: Standing, *, cold_chain: bool, has_cold_box: bool
) -> bool:
    """Whether a courier so far from the pharmacy is offered a job that has waited so long."""
    waited = max(waited, timedelta(0))  # where another machine's clock runs ahead
    return distance_metres <= radius_metres(waited) and waited >= standing.delay and (has_cold_box or not cold_chain)


AT_PLACE_METRES = 500
"""Whoever is so near is there: positions between tall houses are that bad."""


def require_at(distance_metres: float) -> None:
    """Errors: `TooFarError`."""
    if distance_metres > AT_PLACE_METRES:
        raise TooFarError(f"{distance_metres:.0f} m away")
