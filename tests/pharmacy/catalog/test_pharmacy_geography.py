"""Distances and areas: laws, whatever the place."""

from itertools import pairwise
from math import cos, pi, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pharmacy.domain.geography import (
    EARTH_RADIUS_METRES,
    NoAreaError,
    Position,
    Ring,
    distance_metres,
    require_area,
    ring_around,
)

degrees = st.floats(-180, 180)
places = st.builds(Position, st.floats(-90, 90), degrees)
cities = st.builds(Position, st.floats(-60, 60), st.floats(-179, 179))
radii = st.floats(100, 50_000)


def is_within(place: Position, ring: Ring) -> bool:
    """Whether a place lies within a line: a ray from it to the east crosses it an odd number of times."""
    inside = False
    for start, end in pairwise([*ring, ring[0]]):
        if (start.latitude > place.latitude) != (end.latitude > place.latitude):
            share = (place.latitude - start.latitude) / (end.latitude - start.latitude)
            if place.longitude < start.longitude + share * (end.longitude - start.longitude):
                inside = not inside
    return inside


@given(places, places)
def test_it_is_as_far_back_and_never_beyond_the_antipodes(one: Position, other: Position) -> None:
    assert distance_metres(one, other) == pytest.approx(distance_metres(other, one), abs=1e-3)
    assert 0 <= distance_metres(one, other) <= pi * EARTH_RADIUS_METRES + 1
    assert distance_metres(one, one) == 0


@given(places, places, places)
def test_a_detour_is_no_shorter(one: Position, over: Position, other: Position) -> None:
    assert distance_metres(one, other) <= distance_metres(one, over) + distance_metres(over, other) + 1


def test_known_distances() -> None:
    hangzhou, shanghai = Position(30.2741, 120.1551), Position(31.2304, 121.4737)
    assert distance_metres(hangzhou, shanghai) == pytest.approx(164_500, rel=0.01)
    assert distance_metres(Position(0, 0), Position(0, 180)) == pytest.approx(pi * EARTH_RADIUS_METRES)


@given(cities, radii, st.floats(0, 0.9999), degrees)
def test_a_ring_holds_what_is_within_its_radius(centre: Position, radius: float, share: float, bearing: float) -> None:
    ring = ring_around(centre, radius)
    assert is_within(_away(centre, radius * share, bearing), ring)
    assert not is_within(_away(centre, radius * 1.01, bearing), ring)


def _away(centre: Position, metres: float, bearing: float) -> Position:
    """A place at this distance, found by halving."""
    north, east = cos(radians(bearing)), sin(radians(bearing)) / cos(radians(centre.latitude))
    low, high = 0.0, 2.0
    for _ in range(60):
        middle = (low + high) / 2
        place = Position(centre.latitude + north * middle, centre.longitude + east * middle)
        low, high = (middle, high) if distance_metres(centre, place) < metres else (low, middle)
    return Position(centre.latitude + north * low, centre.longitude + east * low)


SQUARE = [Position(30, 120), Position(30, 121), Position(31, 121), Position(31, 120)]


def test_within_a_line() -> None:
    assert is_within(Position(30.5, 120.5), SQUARE)
    assert not is_within(Position(30.5, 121.5), SQUARE)
    assert not is_within(Position(29.5, 120.5), SQUARE)
    notched = [*SQUARE[:2], Position(30.5, 120.2), *SQUARE[2:]]
    assert not is_within(Position(30.5, 120.6), notched)
    assert is_within(Position(30.5, 120.1), notched)


def test_what_is_no_area() -> None:
    require_area(SQUARE)
    with pytest.raises(NoAreaError):
        require_area([Position(30, 120), Position(31, 121), Position(32, 122)])
    with pytest.raises(NoAreaError):
        ring_around(Position(0, 179.99), 5000)
