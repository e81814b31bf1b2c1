"""For how long what is recorded of a patient counts."""

from datetime import date, datetime, timedelta

KIDNEY_FUNCTION_DAYS = 365
"""Guidelines have it measured at least once a year in diabetes (ADA, KDIGO)."""
LIVER_FUNCTION_DAYS = 365
PREGNANCY_DAYS = 30
WEIGHT_DAYS = 365
"""As often as it is measured at the least where somebody is treated for diabetes (ADA)."""
_FIRST_ZONE = timedelta(hours=14)
"""Where a day begins first."""


class ImpossibleDayError(Exception):
    """No calendar has it, or it has begun nowhere."""


def past_day(text: str, now: datetime) -> date:
    """A day that has begun somewhere. Errors: `ImpossibleDayError`."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ImpossibleDayError("no such day") from error
    if day > (now + _FIRST_ZONE).date():
        raise ImpossibleDayError("lies in the future")
    return day


def still_counts(day: date, days: int, now: datetime) -> bool:
    """Whether something of that day is recent enough."""
    return now.date() - day <= timedelta(days=days)
