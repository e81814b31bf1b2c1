"""A window of the diary for a report. Each query carries the patient."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
from apricot.errors.v1.reason_pb2 import Reason
from apricot.glucose.v1.entry_pb2 import EntryKind

from kit.database import Database
from kit.errors import ApricotError
from services.glucose.domain.windows import Range
from services.glucose.store.archive import Span, diary
from services.glucose.store.columns import ReadingColumns, WindowEntries
from services.glucose.store.entries import READINGS
from services.glucose.store.lists import Opening, newest_entries

TREATMENTS = 12, 13, 14
"""The kinds (`EntryKind`) that are added up by day: meal, exercise, insulin_dose."""
MOST_READINGS = 1_500_000
"""Ten years of a sensor that reads every five minutes, and half as much again: 75 MB."""
MOST_TREATMENTS = 200_000
MOST_SENSORS = 10

_KINDS = EntryKind.values()
_SPAN = Span("$1", "visible.start_time", "visible.end_time", "$4::int2[]")


async def newest_entry(database: Database, patient: UUID, visible: Sequence[Range]) -> bytes | None:
    """The newest entry of any kind in some ranges of time."""
    openings = [Opening(patient, _KINDS, start, end) for start, end in visible]
    async with database.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        found = await newest_entries(connection, openings, 1)
    return found[patient][-1].body if found else None


async def load_window(database: Database, patient: UUID, visible: Sequence[Range]) -> WindowEntries:
    """Every reading and treatment in some ranges of time. Errors: TOO_LARGE."""
    if not visible:
        return WindowEntries(ReadingColumns(), [])
    async with database.connection() as connection:
        return WindowEntries(
            await _readings(connection, patient, visible),
            await _treatments(connection, patient, visible),
            await _sensors(connection, patient, visible),
        )


async def _readings(connection: asyncpg.Connection, patient: UUID, visible: Sequence[Range]) -> ReadingColumns:
    columns = "time", "utc_offset_minutes", "kind", "unit", "mg_per_dl", "device", "bound"
    count, *found = await connection.fetchrow(
        "select count(*), array_send(array_agg(time)), "  # noqa: S608  fixed words and placeholders
        "array_send(array_agg(utc_offset_minutes)), "
        "array_send(array_agg(kind)), array_send(array_agg(unit)), array_send(array_agg(mg_per_dl)), "
        "array_send(array_agg(hashtextextended(device, 0))), array_send(array_agg(bound)) "
        f"from (select entry.* {_found(columns, visible)} limit $5) as found",
        patient,
        *_bounds(visible),
        READINGS,
        MOST_READINGS + 1,
    )
    if count > MOST_READINGS:
        raise _too_large()
    return ReadingColumns(*found) if count else ReadingColumns()


async def _sensors(connection: asyncpg.Connection, patient: UUID, visible: Sequence[Range]) -> tuple[str, ...]:
    rows = await connection.fetch(
        f"select device {_found(('device',), visible)} group by device order by count(*) desc, device limit $5",
        patient,
        *_bounds(visible),
        (EntryKind.ENTRY_KIND_SENSOR_READING,),
        MOST_SENSORS,
    )
    return tuple(row["device"] for row in rows)


async def _treatments(
    connection: asyncpg.Connection, patient: UUID, visible: Sequence[Range]
) -> list[tuple[int, bytes]]:
    rows = await connection.fetch(
        "select (time at time zone 'UTC' + make_interval(mins => utc_offset_minutes))::date - date '1970-01-01', "
        f"body {_found(('time', 'entry_id', 'utc_offset_minutes', 'body'), visible)} "
        "order by time, entry_id limit $5",
        patient,
        *_bounds(visible),
        TREATMENTS,
        MOST_TREATMENTS + 1,
    )
    if len(rows) > MOST_TREATMENTS:
        raise _too_large()
    return [(day, body) for day, body in rows]


def _found(columns: Sequence[str], visible: Sequence[Range]) -> str:
    entries = diary(columns, _SPAN, since=min(start for start, _ in visible))
    return (
        "from unnest($2::timestamptz[], $3::timestamptz[]) as visible (start_time, end_time), "
        f"lateral ({entries}) as entry "
    )


def _bounds(visible: Sequence[Range]) -> tuple[list[object], list[object]]:
    return [start for start, _ in visible], [end for _, end in visible]


def _too_large() -> ApricotError:
    return ApricotError(Reason.REASON_TOO_LARGE, "the window holds more than one report can add up; ask for less time")
