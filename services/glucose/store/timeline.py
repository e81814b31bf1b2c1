"""Queries on the timeline. Each carries the patient."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, false, or_, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from glycemia.units import Bound
from kit.database import Database
from kit.views import Range
from services.glucose.domain.effects import RANGE, WINDOW, Shares, Side
from services.glucose.store.archive import Span, frozen, hot
from services.glucose.store.entries import READINGS
from services.glucose.store.ranges import within
from services.glucose.store.tables import TimelineItemRow

type Change = tuple[UUID, int]
"""A plan and its revision."""


@dataclass(frozen=True)
class TimelineList:
    """What to list, half-open in time."""

    patient_id: UUID
    start_time: datetime
    end_time: datetime
    shown: Mapping[int, Sequence[Range]]
    """For each kind of step (the field of `TimelineItem.step`) the ranges in which it is shown."""
    limit: int
    behind: tuple[datetime, UUID] | None = None
    """Time and id of the last item already shown."""


@dataclass(frozen=True)
class Effect:
    """The readings before and after a change."""

    before: Side
    after: Side


async def list_items(session: AsyncSession, wanted: TimelineList) -> Sequence[TimelineItemRow]:
    """Items, newest first."""
    time, item = col(TimelineItemRow.time), col(TimelineItemRow.item_id)
    is_shown = (and_(col(TimelineItemRow.step) == step, within(time, ranges)) for step, ranges in wanted.shown.items())
    query = select(TimelineItemRow).where(
        col(TimelineItemRow.patient_id) == wanted.patient_id,
        time >= wanted.start_time,
        time < wanted.end_time,
        or_(false(), *is_shown),
    )
    if wanted.behind is not None:
        query = query.where(tuple_(time, item) < tuple_(*wanted.behind))
    return (await session.exec(query.order_by(time.desc(), item.desc()).limit(wanted.limit))).all()


async def effects(
    database: Database, patient: UUID, changes: Collection[Change], shown: Sequence[Range], now: datetime
) -> dict[Change, Effect]:
    """What came of revisions that came into force: the shown readings of up to 14 days before each, and of up to 14
    days after, up to its end or now."""
    if not (changes and shown):
        return {}
    async with database.connection() as connection:
        rows = await connection.fetch(
            _EFFECTS,
            patient,
            [plan for plan, _ in changes],
            [revision for _, revision in changes],
            WINDOW,
            now,
            [start for start, _ in shown],
            [end for _, end in shown],
            READINGS,
            list(RANGE),
            [low for low, _ in RANGE.values()],
            [high for _, high in RANGE.values()],
        )
    return {
        (row["plan_id"], row["revision"]): Effect(
            before=Side(Shares(*row["sensor_before"]), Shares(*row["finger_before"])),
            after=Side(Shares(*row["sensor_after"]), Shares(*row["finger_after"])),
        )
        for row in rows
    }


def _shares(kind: int, side: str) -> str:
    """Three counts of readings of a kind on one side: all, in range, below."""
    these = f"kind = {kind} and time {side} answer_time"
    return (
        f"array[count(*) filter (where {these}),"
        f" count(*) filter (where {these} and bound = {Bound.NONE:d} and mg_per_dl between low and high),"
        f" count(*) filter (where {these} and (bound = {Bound.LOW:d} or bound = {Bound.NONE:d} and mg_per_dl < low))]"
    )


_READING = "time", "kind", "unit", "mg_per_dl", "bound"
_AROUND = Span(
    "plan_revision.patient_id",
    "answer_time - $4::interval",
    "least(answer_time + $4::interval, coalesce(end_time, 'infinity'), $5::timestamptz)",
    "$8::int2[]",
)
_EFFECTS = f"""
select plan_id, plan_revision.revision,
  {_shares(10, "<")} as sensor_before, {_shares(10, ">=")} as sensor_after,
  {_shares(11, "<")} as finger_before, {_shares(11, ">=")} as finger_after
from plan_revision
join unnest($2::uuid[], $3::int4[]) as asked (plan_id, asked_revision) using (plan_id)
cross join lateral ({hot(_READING, _AROUND)} union all {frozen(_READING, _AROUND)}) as reading
join unnest($9::int2[], $10::float4[], $11::float4[]) as edge (unit, low, high) using (unit)
where plan_revision.patient_id = $1 and plan_revision.revision = asked_revision and answer_time is not null and exists (
  select from unnest($6::timestamptz[], $7::timestamptz[]) as shown (start_time, end_time)
  where time >= shown.start_time and time < shown.end_time
)
group by plan_id, plan_revision.revision
"""  # noqa: S608  fixed words
