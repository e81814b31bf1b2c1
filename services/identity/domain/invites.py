"""Invites: ten characters of Crockford's base32 (https://www.crockford.com/base32.html), 50 bits, good for 48 hours."""

from datetime import datetime, timedelta

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
LIFETIME = timedelta(hours=48)

_READ_AS = str.maketrans("OIL", "011", "- ")


WRITES = frozenset({"glucose_write", "alert_write", "plan_write"})
"""The scopes that a second opinion may not hold."""


class InviteNotValid(Exception):
    """Used, expired or never made; which of them is not said."""

    def __init__(self) -> None:
        super().__init__("the invite is used, expired or withdrawn")


class OwnInvite(Exception):
    """Nobody accepts their own."""

    def __init__(self) -> None:
        super().__init__("nobody accepts their own invite")


def code_of(secret: bytes) -> str:
    """The code made of a secret's first 50 bits; the secret has at least 7 bytes."""
    bits = int.from_bytes(secret[:7]) >> 6
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(45, -1, -5))


def normalized(typed: str) -> str:
    """A code as made, however it was typed: O is 0, I and L are 1; case, dashes and spaces do not matter.
    Errors: `InviteNotValid`."""
    code = typed.upper().translate(_READ_AS)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise InviteNotValid
    return code


def link_of(code: str) -> str:
    """The same as a link for a phone, which the app opens."""
    return f"apricot://invite/{code}"


def grant_end(guest: bool, now: datetime) -> datetime | None:
    """When the grant of an invite made now ends by itself; none: never."""
    return now + LIFETIME if guest else None
