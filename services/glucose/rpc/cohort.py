"""A clinic at a glance: `ReportService.GetCohort`."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from apricot.access.v1.access_pb2 import SCOPE_ALERT_READ, SCOPE_PLAN_READ, SCOPE_REPORT_READ, Scope
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.report_pb2 import CohortPatient, GetCohortRequest, GetCohortResponse

from kit import paging
from kit.call import Call
from kit.database import Database
from kit.errors import ApricotError
from kit.ids import parse_uuid
from kit.times import to_timestamp
from kit.views import View
from services.glucose.domain.cohort import LONG_SILENCE, LONG_WITHOUT_CONTACT, Standing, Totals, days_inside
from services.glucose.store import cohort as store

_LAST_DAYS = 14
_MOST_MARKED = 5_000
"""Days whose figures a call makes itself, a thousand in a second; of more, who waits is better told to come again."""


async def get_cohort(database: Database, now: datetime, request: GetCohortRequest, call: Call) -> GetCohortResponse:
    """See `ReportService.GetCohort`."""
    behind = paging.decode(request.page_token, request, (int, int, str))
    size = paging.page_size(request.page_size)
    views = {patient: call.view(patient) for patient in map(parse_uuid, request.patient_ids)}
    found = await _standings(database, views, request.last_days or _LAST_DAYS, now)
    if request.needs:
        found = [standing for standing in found if not set(request.needs).isdisjoint(standing.needs)]
    found.sort(key=lambda standing: standing.rank_key)
    start = bisect_right(found, tuple(behind), key=lambda standing: standing.rank_key) if behind else 0
    response = GetCohortResponse(total_count=len(found))
    for rank, standing in enumerate(found[start : start + size], start + 1):
        response.patients.append(_message(rank, standing))
    if start + size < len(found):
        response.next_page_token = paging.encode(found[start + size - 1].rank_key, request)
    return response


async def _standings(database: Database, views: Mapping[UUID, View], last_days: int, now: datetime) -> list[Standing]:
    """Each patient as far as the caller may see, as of one instant."""
    readings, contacts = _ranges(views, SCOPE_REPORT_READ), _ranges(views, SCOPE_PLAN_READ)
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        newest = await store.newest_readings(connection, readings)
        days = _days(readings, newest, last_days, now)
        asked = [day_range for day_range, _ in days]
        marked = await store.marked_days(connection, asked, _MOST_MARKED + 1)
        if len(marked) > _MOST_MARKED:
            raise ApricotError(Reason.REASON_UNAVAILABLE, "the daily figures of too many days are still to be made")
        totals = await store.totals(connection, asked, marked)
        last_contacts = await store.last_contacts(connection, contacts)
        alerts = await store.unacknowledged_alerts(
            connection, [patient for patient, view in views.items() if view.shows(SCOPE_ALERT_READ, now)]
        )
    expected: dict[UUID, int] = {}
    for day_range, minutes in days:
        expected[day_range.patient_id] = expected.get(day_range.patient_id, 0) + minutes
    last_readings = {patient: reading.time for patient, reading in newest.items()}
    silent = _without(last_readings, readings, now - LONG_SILENCE, now)
    without_contact = _without(last_contacts, contacts, now - LONG_WITHOUT_CONTACT, now)
    return [
        Standing(
            patient_id=patient,
            totals=totals.get(patient, Totals()),
            expected_minutes=expected.get(patient, 0),
            last_reading_time=last_readings.get(patient),
            silent=patient in silent,
            alerts_count=alerts.get(patient, (0, 0))[0],
            urgent_alerts_count=alerts.get(patient, (0, 0))[1],
            last_contact_time=last_contacts.get(patient),
            without_contact=patient in without_contact,
        )
        for patient in views
    ]


def _ranges(views: Mapping[UUID, View], scope: Scope.ValueType) -> list[store.Range]:
    """What the caller may see of all patients by one scope."""
    return [store.Range(patient, *found) for patient, view in views.items() for found in view.ranges(scope)]


def _days(
    ranges: list[store.Range], newest: Mapping[UUID, store.NewestReading], last_days: int, now: datetime
) -> list[tuple[store.DayRange, int]]:
    """The whole local days in each range, and their minutes."""
    found = []
    for patient, start, end in ranges:
        offset_minutes = newest[patient].utc_offset_minutes if patient in newest else 0
        days = days_inside(start, end, offset_minutes, last_days, now)
        if days is not None:
            found.append((store.DayRange(patient, days.first, days.last, start, end), days.minutes))
    return found


def _without(
    last: Mapping[UUID, datetime], ranges: list[store.Range], since: datetime, now: datetime
) -> frozenset[UUID]:
    """The patients of whom nothing has come since an instant, as far as the time since then may be seen at all."""
    return frozenset(
        patient for patient, start, end in ranges if start <= since and now < end and last.get(patient, start) <= since
    )


def _message(rank: int, standing: Standing) -> CohortPatient:
    totals = standing.totals
    message = CohortPatient(
        patient_id=str(standing.patient_id),
        rank=rank,
        needs=[need.value for need in standing.needs],  # type: ignore[misc]  # numbered as in the contract
        readings_count=totals.readings_count,
        active_percent=standing.active_percent,
        unacknowledged_alerts_count=standing.alerts_count,
        urgent_alerts_count=standing.urgent_alerts_count,
    )
    if totals.readings_count:
        message.gri = totals.gri
        message.in_range_percent = totals.percent(totals.in_range_count)
        message.below_range_percent = totals.percent(totals.very_low_count + totals.low_count)
        message.very_low_percent = totals.percent(totals.very_low_count)
        message.above_range_percent = totals.percent(totals.high_count + totals.very_high_count)
        message.mean_mg_per_dl = totals.mean_mg_per_dl
    if (cv_percent := totals.cv_percent) is not None:
        message.cv_percent = cv_percent
    if standing.last_reading_time is not None:
        message.last_reading_time.CopyFrom(to_timestamp(standing.last_reading_time))
    if standing.last_contact_time is not None:
        message.last_contact_time.CopyFrom(to_timestamp(standing.last_contact_time))
    return message
