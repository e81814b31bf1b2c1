"""Places on the earth: how far they are from each other, and whether one lies within a line.

Distances are along great circles of a sphere (haversine): within 0.5 % of those on the ellipsoid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, atan2, cos, degrees, pi, radians, sin, sqrt

EARTH_RADIUS_METRES = 6_371_008.8
"""The mean radius (IUGG)."""
_CORNERS = 32
_COARSE_DEGREES = 0.01


class NoAreaError(Exception):
    """A line encloses nothing, or crosses the 180th meridian."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in WGS 84, in degrees."""

    latitude: float
    longitude: float


type Ring = Sequence[Position]
"""The corners of a closed line; the last is joined to the first."""


def distance_metres(one: Position, other: Position) -> float:
    """Along the earth."""
    latitudes = radians(one.latitude), radians(other.latitude)
    half_north = (latitudes[1] - latitudes[0]) / 2
    half_east = radians(other.longitude - one.longitude) / 2
    chord = sin(half_north) ** 2 + cos(latitudes[0]) * cos(latitudes[1]) * sin(half_east) ** 2
    return 2 * EARTH_RADIUS_METRES * asin(sqrt(min(1.0, chord)))


def is_on_earth(place: Position) -> bool:
    """Whether there is such a place."""
    return -90 <= place.latitude <= 90 and -180 <= place.longitude <= 180  # false for what is no number


def degrees_north(metres: float) -> float:
    """What lies further to the north or south than this is further away."""
    return degrees(metres / EARTH_RADIUS_METRES)


def about(place: Position) -> Position:
    """The middle of the hundredth of a degree, about a kilometre, in which a place is."""
    return Position(*((of // _COARSE_DEGREES + 0.5) * _COARSE_DEGREES for of in (place.latitude, place.longitude)))


def ring_around(centre: Position, radius_metres: float) -> list[Position]:
    """A ring that holds every place within the radius, and none beyond it by more than half a percent. Errors:
    `NoAreaError`."""
    # The sides of a polygon come nearer to its centre than its corners do.
    angle = radius_metres / cos(pi / _CORNERS) / EARTH_RADIUS_METRES * 1.0001
    ring = [_destination(centre, 2 * pi * corner / _CORNERS, angle) for corner in range(_CORNERS)]
    require_area(ring)
    return ring


def require_area(ring: Ring) -> None:
    """Errors: `NoAreaError`."""
    closed = [*ring, ring[0]]
    if any(abs(end.longitude - start.longitude) > 180 for start, end in pairwise(closed)):
        raise NoAreaError("it crosses the 180th meridian")
    doubled = sum(
        start.longitude * end.latitude - end.longitude * start.latitude
        for start, end in pairwise(
            [Position(p.latitude - ring[0].latitude, p.longitude - ring[0].longitude) for p in closed]
        )
    )
    if abs(doubled) < 1e-12:
        raise NoAreaError("it encloses nothing")


def _destination(start: Position, bearing: float, angle: float) -> Position:
    """Where one comes to in a direction (radians from north) by an angle of a great circle."""
    north, east = radians(start.latitude), radians(start.longitude)
    latitude = asin(sin(north) * cos(angle) + cos(north) * sin(angle) * cos(bearing))
    east += atan2(sin(bearing) * sin(angle) * cos(north), cos(angle) - sin(north) * sin(latitude))
    return Position(degrees(latitude), (degrees(east) + 180) % 360 - 180)
