"""Which instants a report is about: what was asked for, within what the caller may see."""

from datetime import datetime
from uuid import UUID

from apricot.access.v1.access_pb2 import SCOPE_REPORT_READ
from apricot.glucose.v1.entry_pb2 import Entry
from apricot.glucose.v1.report_pb2 import ReportWindow

from kit.call import Call
from kit.database import Database
from kit.errors import invalid_field
from kit.times import to_datetime
from services.glucose.domain.entries import EARLIEST
from services.glucose.domain.windows import (
    EmptyWindowError,
    LongWindowError,
    Window,
    clip,
    require_length,
    start_of_last_days,
)
from services.glucose.store import readings as store

MOST_DAYS = 3660
_NO_ENTRY = "UTC"


async def report_window(
    database: Database, call: Call, patient_id: str, wanted: ReportWindow, now: datetime, most_days: int = MOST_DAYS
) -> Window:
    """A grant of SCOPE_REPORT_READ opens the whole report (doses and meals are in its totals) within its ranges.
    Time to come is no part of a report: nothing is expected of it. Errors: INVALID_FIELD."""
    patient = UUID(patient_id)
    ranges = call.view(patient).ranges(SCOPE_REPORT_READ)
    if wanted.HasField("range"):
        start, end = to_datetime(wanted.range.start_time), to_datetime(wanted.range.end_time)
        try:
            require_length(start, end, most_days)
        except (EmptyWindowError, LongWindowError) as error:
            raise invalid_field("window.range", str(error)) from error
    elif wanted.last_days > most_days:
        raise invalid_field("window.last_days", f"is at most {most_days} here")
    else:
        start, end = EARLIEST, now
    newest = await store.newest_entry(database, patient, clip(ranges, EARLIEST, end))
    time_zone = Entry.FromString(newest).time_zone if newest is not None else _NO_ENTRY
    if wanted.HasField("last_days"):
        start = start_of_last_days(wanted.last_days, time_zone, now)
    return Window(start, end, time_zone, clip(ranges, start, min(end, now)))


def window_before(call: Call, patient_id: str, window: Window) -> Window:
    """Return the window of the same length that ends where one begins, within what the caller may see."""
    start = max(EARLIEST, window.start_time - (window.visible_end - window.start_time))
    ranges = call.view(UUID(patient_id)).ranges(SCOPE_REPORT_READ)
    return Window(start, window.start_time, window.time_zone, clip(ranges, start, window.start_time))
