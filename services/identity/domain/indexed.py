"""What is looked up although it is kept sealed."""

from dataclasses import dataclass

PHONE, PUSH_TOKEN, LICENCE_NUMBER = "phone", "push-token", "licence-number"
"""What there is of it: each has indexes of its own."""


@dataclass(frozen=True)
class Indexed:
    """A value, and its blind index: the same for the same value, and to be made by nobody without identity's key."""

    value: str
    index: bytes
