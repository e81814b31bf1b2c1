"""Who may say what in a conversation, and when."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import Enum

LONGEST_WINDOW = timedelta(days=90)
"""Of the diary, that a card may point to."""


class CannotSayError(Exception):
    """The sender's part in the consultation does not allow this."""


class BadWindowError(ValueError):
    """A card's window ends before it begins, or is too long."""


class Pointer(Enum):
    """What of the patient's record a card points to."""

    READINGS = "readings"
    REPORT = "report"
    PLAN = "plan"
    PRESCRIPTION = "prescription"


def check_window(start_time: datetime, end_time: datetime) -> None:
    """Errors: `BadWindowError`."""
    if not timedelta(0) < end_time - start_time <= LONGEST_WINDOW:
        raise BadWindowError(f"a window has a beginning and an end, at most {LONGEST_WINDOW.days} days apart")


def check_pointer(pointer: Pointer, shared: Collection[Pointer], *, by_patient: bool) -> None:
    """The patient may point to all of the own record; others to what the patient shares for the consultation, and to
    its prescriptions. A card carries no data: what it opens is what the reader's grants open.

    Errors: `CannotSayError`."""
    if not (by_patient or pointer is Pointer.PRESCRIPTION or pointer in shared):
        raise CannotSayError(f"the patient does not share the {pointer.value}")
