"""Distances on earth."""

from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

_RADIUS_METRES = 6_371_008.8
"""The mean one (IUGG)."""
_GRID_DEGREES = 0.01


class Place(NamedTuple):
    """In degrees, WGS 84."""

    latitude: float
    longitude: float


def is_on_earth(place: Place) -> bool:
    """Whether there is such a place."""
    return -90 <= place.latitude <= 90 and -180 <= place.longitude <= 180  # false for what is no number


def distance_metres(one: Place, other: Place) -> int:
    """Along the earth, by the haversine formula."""
    north, east = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    across = cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
    return round(2 * _RADIUS_METRES * asin(min(1.0, sqrt(sin(north / 2) ** 2 + across))))


def degrees_north(metres: float) -> float:
    """So many degrees of latitude are at least that far apart."""
    return metres / 111_000


def area_of(place: Place) -> Place:
    """The middle of the hundredth of a degree in which it lies: about where it is, and no more."""
    return Place(*((degrees // _GRID_DEGREES + 0.5) * _GRID_DEGREES for degrees in place))
