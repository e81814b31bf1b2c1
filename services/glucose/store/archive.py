"""Old entries: a patient's month that is long over is frozen, one row of arrays in `entry_archive`, and thawed when
somebody writes into it.

A statement sees one snapshot, so whoever asks for hot and frozen entries by one statement sees each of them once, also
while a month is moved. What lies in time that is `ALWAYS_HOT` asks for hot ones alone.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import Counter

from kit.clock import utc_now
from kit.database import Database
from kit.views import BEGINNING
from services.glucose.store.bounds import BOUND

log = structlog.get_logger()

THAWED = Counter("apricot_diary_thawed_entries", "Entries of old months that were thawed to be written beside.")

ALWAYS_HOT = timedelta(days=360)
"""The database freezes no month before it has been over for 365 days (`freeze_month`); the rest is for clocks."""

FIRST = UUID(int=0)
"""No patient comes before."""

type Month = tuple[UUID, date]
"""A patient's calendar month (UTC), by its first day."""


class Place(NamedTuple):
    """In a walk through all patients' entries, by patient and time."""

    patient_id: UUID
    time: datetime = BEGINNING


class _Placed(Protocol):
    @property
    def patient_id(self) -> UUID: ...
    @property
    def time(self) -> datetime: ...


_ARRAYS = {
    "entry_id": "entry_ids",
    "time": "times",
    "kind": "kinds",
    "device": "devices",
    "slot": "slots",
    "utc_offset_minutes": "utc_offsets_minutes",
    "unit": "units",
    "mg_per_dl": "values_mg_per_dl",
    "content_digest": "content_digests",
    "body": "bodies",
}
_DERIVED = {"bound": ("body", BOUND)}
"""What SQL reads from another column."""
_AS_ENTRY = {
    "revision": "1 as revision",
    "deleted": "false as deleted",
    "note": "'' as note",
    "body": "thawed_body(entry_id, body) as body",
}
"""What is kept otherwise than in `entry`, or not at all since it is the same of each that is frozen."""


@dataclass(frozen=True)
class Span:
    """Which entries a statement asks for, each field in SQL: the patient, from an instant (included) to another
    (excluded), and an array of kinds."""

    patient: str
    start: str
    end: str
    kinds: str


def hot_since() -> datetime:
    """From when on every entry is hot: a midnight, so that who asks twice is told the same."""
    return datetime.combine((utc_now() - ALWAYS_HOT).date(), time.min, UTC)


def hot(columns: Sequence[str], span: Span) -> str:
    """SQL: the hot entries of a span that are not deleted."""
    chosen = [f"{_DERIVED[name][1]} as {name}" if name in _DERIVED else name for name in columns]
    return (
        f"select {', '.join(chosen)} from entry where entry.patient_id = {span.patient} and not deleted "  # noqa: S608
        f"and time >= {span.start} and time < {span.end} and kind = any({span.kinds}) "
    )


def unpacked(columns: Sequence[str], patient: str, by: Collection[str] = ()) -> str:
    """SQL: columns of a patient's frozen entries; further conditions follow, on these and others."""
    sources = {_DERIVED[name][0] if name in _DERIVED else name for name in columns}
    needed = [name for name in _ARRAYS if name in {"entry_id", *sources, *by}]
    chosen = [f"{_DERIVED[name][1]} as {name}" if name in _DERIVED else _AS_ENTRY.get(name, name) for name in columns]
    return (
        f"select {', '.join(chosen)} "  # noqa: S608  names of our own
        f"from entry_archive, unnest({', '.join(_ARRAYS[name] for name in needed)}) as frozen ({', '.join(needed)}) "
        f"where entry_archive.patient_id = {patient} "
    )


def frozen(columns: Sequence[str], span: Span) -> str:
    """SQL: the frozen entries of a span. Of its months those alone are unpacked that hold such kinds."""
    return (
        f"{unpacked(columns, span.patient, by=('time', 'kind'))}"
        f"and month >= date_trunc('month', ({span.start}) at time zone 'UTC')::date "
        f"and month <= (({span.end}) at time zone 'UTC')::date "
        f"and time >= {span.start} and time < {span.end} and kinds && {span.kinds} and kind = any({span.kinds}) "
    )


def diary(columns: Sequence[str], span: Span, *, since: datetime) -> str:
    """SQL: the entries of a span that begins at an instant: hot ones alone where no other can be there."""
    if since >= hot_since():
        return hot(columns, span)
    return f"{hot(columns, span)} union all {frozen(columns, span)}"


def old_months(entries: Iterable[_Placed]) -> list[Month]:
    """The months of these entries that may be frozen."""
    since = hot_since()
    return sorted({(e.patient_id, e.time.astimezone(UTC).date().replace(day=1)) for e in entries if e.time < since})


_STEP = """
select patient_id, case when time < $3 then date_trunc('month', time at time zone 'UTC')::date end as month,
       case when time < $3 then date_trunc('month', time, 'UTC') + interval '1 month -1 microseconds'
            else '9999-12-31' end as behind
from entry where not deleted and revision = 1 and (patient_id, time) > ({behind})
order by patient_id, time limit 1
"""
_WALK = f"""
with recursive walk as (
  ({_STEP.format(behind="$1, $2")})
  union all
  select next.* from walk cross join lateral ({_STEP.format(behind="walk.patient_id, walk.behind")}) as next
)
select patient_id, behind, month from walk limit $4
"""  # noqa: S608  constants


async def find_due(database: Database, behind: Place, before: date, most: int) -> list[tuple[Place, date | None]]:
    """The next steps of a walk through all patients: the place behind each, and the month before one that is to be
    frozen there; none: the patient's other entries are younger. A step is one look into an index, however many entries
    there are."""
    start = datetime.combine(before, time.min, UTC)
    async with database.connection() as connection:
        rows = await connection.fetch(_WALK, *behind, start, most)
    return [(Place(patient_id, behind), month) for patient_id, behind, month in rows]


async def freeze(database: Database, patient: UUID, month: date) -> int:
    """Freeze a patient's month; how many entries it were. None, where somebody writes into it now or did so within a
    day."""
    try:
        async with database.connection() as connection:
            return int(await connection.fetchval("select freeze_month($1, $2)", patient, month))
    except asyncpg.CheckViolationError:
        log.error("no partition for a month, which stays hot", month=month.isoformat())
        return 0


async def thaw(connection: asyncpg.Connection, months: Sequence[Month]) -> None:
    """Make these months hot, and keep them so until the transaction ends."""
    if months:
        moved = await connection.fetchval(
            "select sum(thaw_month(patient_id, month)) from unnest($1::uuid[], $2::date[]) as old (patient_id, month)",
            *zip(*months, strict=True),
        )
        THAWED.inc(moved)


async def thaw_where(connection: asyncpg.Connection, patient: UUID, entry: UUID) -> None:
    """Make the patient's month hot that holds an entry, if there is one."""
    rows = await connection.fetch(
        "select patient_id, month from entry_archive where patient_id = $1 and $2 = any(entry_ids)", patient, entry
    )
    await thaw(connection, [(row["patient_id"], row["month"]) for row in rows])


async def thaw_ahead(database: Database, months: Sequence[Month]) -> None:
    """Make these months hot one by one, so that a write into many of them is a short transaction."""
    for month in months:
        async with database.connection() as connection, connection.transaction():
            await thaw(connection, [month])


_COLUMNS = list(dict.fromkeys((*_ARRAYS, *_AS_ENTRY)))
EITHER = (
    f"select {', '.join(_COLUMNS)} from entry where patient_id = $1 and entry_id = any($2) "  # noqa: S608
    f"union all {unpacked(_COLUMNS, '$1')} and entry_ids && $2 and entry_id = any($2)"
)
"""A patient's entries by their ids, hot ones first, deleted ones too."""
