"""What every method of the catalogue stands on."""

from datetime import date
from functools import cache
from zoneinfo import available_timezones

from kit.clock import Clock
from kit.database import Database
from kit.errors import invalid_field


class Desk:
    """The database and the time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock


zones = cache(available_timezones)  # reads hundreds of files


def date_of(text: str, field: str) -> date:
    """A date of a request. Errors: INVALID_FIELD."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid_field(field, "no such day") from error
