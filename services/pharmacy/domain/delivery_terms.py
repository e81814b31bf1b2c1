"""What a delivery costs, and how long it takes."""

from math import ceil

COURIER_METRES_PER_MINUTE = 250
"""An electric bicycle in a city, stops included: 15 km/h."""
_DETOUR = 1.3
"""Streets are so much longer than the line along the earth."""
_MINUTES_PER_ORDER = 3
"""What each order that was first adds."""
_MOST_QUEUE_MINUTES = 120
_METRES_PER_KM = 1000


def fee_minor(base_minor: int, per_km_minor: int, distance_metres: int) -> int:
    """The base, and for the distance its exact share of a kilometre's price, rounded up to a minor unit."""
    return base_minor + -(-per_km_minor * distance_metres // _METRES_PER_KM)


def estimated_minutes(preparing_minutes: int, distance_metres: int, orders_before: int) -> int:
    """Packing, those who were first, and the way."""
    queue = min(orders_before * _MINUTES_PER_ORDER, _MOST_QUEUE_MINUTES)
    return preparing_minutes + queue + ceil(distance_metres * _DETOUR / COURIER_METRES_PER_MINUTE)
