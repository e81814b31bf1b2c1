"""A draft's lines, from what the caller may see of the last 14 days."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from apricot.access.v1.access_pb2 import Scope
from apricot.glucose.v1.plan_pb2 import DraftLine, DraftTopic, Plan, PlanDraft
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_timestamp
from kit.views import View
from services.glucose.domain import adherence
from services.glucose.domain.adherence import Kept
from services.glucose.domain.drafts import DAYS, Fortnight, Goals, suggest
from services.glucose.domain.plans import State
from services.glucose.rpc.shown import ranges
from services.glucose.store import plans as store
from services.glucose.store.fortnight import find_seen
from services.glucose.store.plan_lines import find_daily, find_logged, followed
from services.glucose.store.plan_tables import PlanRow


async def make_draft(session: AsyncSession, patient: UUID, view: View, now: datetime) -> PlanDraft:
    """Suggestions by the rules of `domain.drafts`."""
    start = now - timedelta(days=DAYS)
    seen = await find_seen(
        session,
        patient,
        start,
        now,
        ranges(view, Scope.SCOPE_GLUCOSE_READ, Scope.SCOPE_REPORT_READ),
        ranges(view, Scope.SCOPE_MEAL_READ, Scope.SCOPE_REPORT_READ),
    )
    fortnight = Fortnight(seen.readings, seen.meals, seen.exercises)
    row = (await store.current(session, patient, ranges(view, Scope.SCOPE_PLAN_READ))).get(State.ACTIVE)
    if row is not None:
        fortnight = await _with_plan(session, row, fortnight, view, now)
    suggestions = await asyncio.to_thread(suggest, fortnight)
    return PlanDraft(
        draft_id=str(uuid4()),
        lines=[
            DraftLine(
                line_id=str(uuid4()),
                topic=DraftTopic.ValueType(found.topic),
                suggestion=found.kind,
                text=found.text,
                figures=found.figures,
            )
            for found in suggestions
        ],
        create_time=to_timestamp(now),
        days=DAYS,
        readings_count=len(seen.readings),
    )


async def _with_plan(session: AsyncSession, row: PlanRow, fortnight: Fortnight, view: View, now: datetime) -> Fortnight:
    """With what the plan in force asks for, and how it was kept as far as the caller sees its adherence."""
    plan, force = store.plan_of(row), store.force_of(row)
    start, end = max(force.start, now - timedelta(days=DAYS)), now
    lines = followed(plan.content)
    logged = await find_logged(session, row.patient_id, start, end)
    due = adherence.follow(*lines, force, start, end, logged)
    seen = [each for each in due if view.shows(Scope.SCOPE_PLAN_READ, each.time)]
    kept = adherence.kept(seen, len(lines.lines), now)
    medicines = len(plan.content.medicines)
    daily = await find_daily(session, row.patient_id, start, end)
    minutes = plan.content.exercise_advice.minutes_per_week
    return replace(
        fortnight,
        goals=_goals(plan),
        medicines=kept[:medicines],
        checks=_total(kept[medicines:]),
        exercise_weeks=adherence.exercise_kept(daily.exercises, minutes, start, end, lines.zone)
        if minutes
        else Kept(0, 0),
    )


def _goals(plan: Plan) -> Goals:
    goals = Goals(carbohydrate_g_per_day=plan.content.meal_advice.carbohydrate_g_per_day)
    if not plan.content.HasField("targets"):
        return goals
    targets = plan.content.targets
    return replace(goals, in_range_percent=targets.in_range_percent, below_range_percent=targets.below_range_percent)


def _total(kept: Sequence[Kept]) -> Kept:
    return Kept(sum(each.planned_count for each in kept), sum(each.kept_count for each in kept))
