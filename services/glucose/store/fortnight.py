"""The diary of some days as the rules of drafts look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apricot.glucose.v1.entry_pb2 import Entry
from sqlalchemy import ColumnElement, SmallInteger, literal_column
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.views import Range
from services.glucose.domain.drafts import Eaten, Exercised, Reading
from services.glucose.store.bounds import BOUND
from services.glucose.store.entries import READINGS
from services.glucose.store.plan_lines import EXERCISE, MEAL
from services.glucose.store.ranges import within
from services.glucose.store.tables import EntryRow

_SENSOR, _FINGERSTICK = READINGS
_BOUND: ColumnElement[int] = literal_column(BOUND, SmallInteger())
_MOST = 50_000
"""Two sensors that measure each minute, for a fortnight, are 40,320."""


@dataclass(frozen=True)
class Seen:
    """Each list in order of time."""

    readings: list[Reading]
    meals: list[Eaten]
    exercises: list[Exercised]


async def find_seen(
    session: AsyncSession,
    patient: UUID,
    start: datetime,
    end: datetime,
    readings_shown: Sequence[Range],
    meals_shown: Sequence[Range],
) -> Seen:
    """What of a window is shown. The sensor's readings; the fingersticks where there is none. Of each list the newest
    `_MOST`."""
    window = col(EntryRow.patient_id) == patient, ~col(EntryRow.deleted), within(col(EntryRow.time), [(start, end)])
    readings = await session.exec(
        select(  # type: ignore[call-overload]
            EntryRow.kind, EntryRow.time, EntryRow.utc_offset_minutes, EntryRow.mg_per_dl, EntryRow.unit, _BOUND
        )
        .where(*window, col(EntryRow.kind).in_(READINGS), within(col(EntryRow.time), readings_shown))
        .order_by(col(EntryRow.time).desc())
        .limit(_MOST)
    )
    by_kind: dict[int, list[Reading]] = {_SENSOR: [], _FINGERSTICK: []}
    for kind, time, offset, mg_per_dl, unit, bound in reversed(readings.all()):
        by_kind[kind].append(Reading(time, time + timedelta(minutes=offset), mg_per_dl, unit, bound))
    seen = Seen(by_kind[_SENSOR] or by_kind[_FINGERSTICK], [], [])
    others = await session.exec(
        select(EntryRow.time, EntryRow.utc_offset_minutes, EntryRow.body)
        .where(*window, col(EntryRow.kind).in_((MEAL, EXERCISE)), within(col(EntryRow.time), meals_shown))
        .order_by(col(EntryRow.time).desc())
        .limit(_MOST)
    )
    for time, offset, body in reversed(others.all()):
        entry = Entry.FromString(body)
        if entry.HasField("meal"):
            seen.meals.append(Eaten(time, time + timedelta(minutes=offset), entry.meal.carbohydrate_g))
        else:
            seen.exercises.append(Exercised(time, entry.exercise.duration_minutes))
    return seen
