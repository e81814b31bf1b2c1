"""Places and money of requests, as the domain has them."""

from apricot.money.v1.money_pb2 import Money
from apricot.pharmacy.v1.place_pb2 import Position as PositionMessage

from kit.errors import invalid_field
from services.pharmacy.domain.geography import Position

CURRENCY = "CNY"
"""All prices are in it."""


def position_of(message: PositionMessage) -> Position:
    """A place of a request."""
    return Position(message.latitude, message.longitude)


def minor_units(money: Money, field: str) -> int:
    """An amount of a request. Errors: INVALID_FIELD where it is in another currency."""
    if money.currency_code != CURRENCY:
        raise invalid_field(f"{field}.currency_code", f"prices are in {CURRENCY}")
    return money.minor_units
