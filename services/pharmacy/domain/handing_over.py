"""How often hand-over codes may be tried: six digits are guessed by who may guess on."""

from datetime import datetime, timedelta

TRIES = 5
LOCK = timedelta(minutes=10)


def locked_for(locked_until: datetime | None, now: datetime) -> timedelta:
    """How long nothing may be tried; zero: one may."""
    return max(locked_until - now, timedelta(0)) if locked_until else timedelta(0)


def after_wrong(wrong_tries: int, now: datetime) -> tuple[int, datetime | None]:
    """How many wrong tries there are after one more, and until when nothing may be tried. Behind a lock one has all of
    them again."""
    tries = wrong_tries % TRIES + 1
    return tries, now + LOCK if tries == TRIES else None
