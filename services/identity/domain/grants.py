"""Grants: when one counts."""

from datetime import datetime


class GrantToOneself(Exception):
    """A patient needs no grant for their own data."""

    def __init__(self) -> None:
        super().__init__("nobody grants access to themselves")


def is_live(expire_time: datetime | None, revoke_time: datetime | None, now: datetime) -> bool:
    """Whether a grant counts: not revoked, and not past its end."""
    return revoke_time is None and (expire_time is None or now < expire_time)
