"""How a plan is kept, and what it asks for on a day."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from apricot.access.v1.access_pb2 import Scope
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1 import plan_pb2
from apricot.glucose.v1.plan_pb2 import AdherenceLine, Plan, Reminder

from kit.call import Call
from kit.database import Database
from kit.errors import ApricotError, invalid_field, not_found
from kit.times import to_datetime, to_timestamp
from kit.views import Range
from services.glucose.domain import adherence as domain
from services.glucose.domain.adherence import Budget, Due, Kept
from services.glucose.domain.plans import State
from services.glucose.domain.schedule import local_midnight
from services.glucose.rpc.shown import ranges
from services.glucose.store import plans as store
from services.glucose.store.plan_lines import MOST_FOLLOWED, Daily, Followed, find_daily, find_logged, followed

_DEFAULT_DAYS = timedelta(days=14)
_MOST_DAYS = timedelta(days=366)
_ONE_DAY = timedelta(days=1)
_DATES = date(2000, 1, 1), date(2099, 12, 31)


async def adherence(
    database: Database, request: plan_pb2.GetAdherenceRequest, call: Call, now: datetime
) -> plan_pb2.GetAdherenceResponse:
    """See `PlanService.GetAdherence`."""
    patient = UUID(request.patient_id)
    start, end = _newest_shown(ranges(call.view(patient), Scope.SCOPE_PLAN_READ), _window(request, now))
    async with database.transaction() as session:
        row = await store.in_force_before(session, patient, end)
        if row is None:
            raise not_found("plan in force")
        start = max(start, store.force_of(row).start)
        logged = await find_logged(session, patient, start, end)
        daily = await find_daily(session, patient, start, end)
    if max(len(logged), len(daily.meals) + len(daily.exercises)) > MOST_FOLLOWED:
        raise ApricotError(Reason.REASON_TOO_LARGE, "the window holds too many entries; ask for a shorter one")
    plan = store.plan_of(row)
    lines = followed(plan.content)
    due = await asyncio.to_thread(domain.follow, *lines, store.force_of(row), start, end, logged)
    return plan_pb2.GetAdherenceResponse(
        plan=plan,
        lines=[
            *_times_kept(plan, domain.kept(due, len(lines.lines), now)),
            *_goals_kept(plan, lines, daily, start, end),
        ],
        start_time=to_timestamp(start),
        end_time=to_timestamp(end),
    )


async def reminders(
    database: Database, request: plan_pb2.ListRemindersRequest, call: Call, now: datetime
) -> plan_pb2.ListRemindersResponse:
    """See `PlanService.ListReminders`."""
    patient, view = UUID(request.patient_id), call.view(UUID(request.patient_id))
    asked = _date(request.local_date)
    async with database.transaction() as session:
        row = await store.in_state(session, patient, State.ACTIVE)
        if row is not None and asked is not None:
            _, zone = followed(store.plan_of(row).content)
            if (evening := local_midnight(asked + _ONE_DAY, zone)) < now:
                row = await store.in_force_before(session, patient, evening)
        if row is None:
            raise not_found("plan in force")
        plan = store.plan_of(row)
        lines = followed(plan.content)
        day = asked or now.astimezone(lines.zone).date()
        start, end = local_midnight(day, lines.zone), local_midnight(day + _ONE_DAY, lines.zone)
        logged = await find_logged(session, patient, start, end)
    due = domain.follow(*lines, store.force_of(row), start, end, logged)
    return plan_pb2.ListRemindersResponse(
        reminders=[_reminder(plan, each) for each in due if view.shows(Scope.SCOPE_PLAN_READ, each.time)]
    )


def _window(request: plan_pb2.GetAdherenceRequest, now: datetime) -> Range:
    """Errors: INVALID_FIELD."""
    end = min(to_datetime(request.end_time), now) if request.HasField("end_time") else now
    start = to_datetime(request.start_time) if request.HasField("start_time") else end - _DEFAULT_DAYS
    if start >= end:
        raise invalid_field("start_time", "lies before the end, and not in the future")
    if end - start > _MOST_DAYS:
        raise invalid_field("start_time", "lies at most 366 days before the end")
    return start, end


def _newest_shown(shown: Sequence[Range], window: Range) -> Range:
    """The last stretch of the window that the caller may see. Errors: NOT_FOUND."""
    for start, end in reversed(shown):
        if (first := max(start, window[0])) < (last := min(end, window[1])):
            return first, last
    raise not_found("plan in force")


def _times_kept(plan: Plan, kept: Sequence[Kept]) -> list[AdherenceLine]:
    medicines = len(plan.content.medicines)
    return [
        _line(AdherenceLine(medicine=number) if number < medicines else AdherenceLine(check=number - medicines), each)
        for number, each in enumerate(kept)
    ]


def _goals_kept(plan: Plan, lines: Followed, daily: Daily, start: datetime, end: datetime) -> list[AdherenceLine]:
    found = []
    budget = Budget(plan.content.meal_advice.carbohydrate_g_per_day, plan.content.meal_advice.carbohydrate_g_per_meal)
    if any(budget):
        kept = domain.carbohydrate_kept(daily.meals, budget, start, end, lines.zone)
        found.append(_line(AdherenceLine(carbohydrate=True), kept))
    if goal := plan.content.exercise_advice.minutes_per_week:
        kept = domain.exercise_kept(daily.exercises, goal, start, end, lines.zone)
        found.append(_line(AdherenceLine(exercise=True), kept))
    return found


def _line(line: AdherenceLine, kept: Kept) -> AdherenceLine:
    line.planned_count = kept.planned_count
    line.kept_count = kept.kept_count
    line.other_amount_count = kept.other_amount_count
    if kept.percent is not None:
        line.kept_percent = kept.percent
    return line


def _reminder(plan: Plan, due: Due) -> Reminder:
    medicines = len(plan.content.medicines)
    reminder = Reminder(medicine=due.line) if due.line < medicines else Reminder(check=due.line - medicines)
    reminder.due_time.CopyFrom(to_timestamp(due.time))
    reminder.entry_id = str(due.logged.entry_id) if due.logged else ""
    return reminder


def _date(text: str) -> date | None:
    """Errors: INVALID_FIELD."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise invalid_field("local_date", "is no date") from error
    if not _DATES[0] <= day <= _DATES[1]:
        raise invalid_field("local_date", "lies between the years 2000 and 2099")
    return day
