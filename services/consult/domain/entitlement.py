"""Who may treat patients here: a doctor with a valid licence and three years in practice."""

from datetime import date, datetime
from typing import Final

PRACTICE_YEARS: Final = 3
"""Rules on internet diagnosis, 2018."""


class LicenceExpiredError(Exception):
    """No licence is valid now."""

    def __init__(self) -> None:
        super().__init__("no licence is valid now")


class PracticeTooShortError(Exception):
    """Fewer than three years in practice, or it is not told since when."""

    def __init__(self) -> None:
        super().__init__("three years in practice are needed")


def require_entitled(licence_end: datetime | None, first_registration: date | None, now: datetime) -> None:
    """Errors: `LicenceExpiredError`, `PracticeTooShortError`."""
    if licence_end is None or licence_end <= now:
        raise LicenceExpiredError
    if first_registration is None or first_registration > practising_since(now):
        raise PracticeTooShortError


def practising_since(now: datetime) -> date:
    """Who was first registered on this day or before has practised for long enough."""
    today = now.date()
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=today.year - PRACTICE_YEARS, day=day)
