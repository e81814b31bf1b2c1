"""Lists of the diary in order of time, hot and frozen entries together. Each query carries the patient."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from kit.database import Database
from kit.views import BEGINNING, END
from services.glucose.store.archive import Span, frozen, hot, hot_since

_INSTANT = timedelta(microseconds=1)
_MONTH = timedelta(days=31)
_WIDER = 1, 4, 16, 64
"""How many frozen months are looked into, until that is enough."""


@dataclass(frozen=True)
class Opening:
    """Entries of one patient that may be seen: some kinds, from an instant (included) to another (excluded)."""

    patient_id: UUID
    kinds: Sequence[int]
    start_time: datetime
    end_time: datetime


@dataclass(frozen=True)
class EntryList:
    """What to list: the entries of all openings, none of which holds an entry of another."""

    openings: Sequence[Opening]
    newest_first: bool
    limit: int
    behind: tuple[datetime, UUID] | None = None
    """Time and id of the last entry already shown."""


class Listed(NamedTuple):
    """One listed entry: its place in the order, and its body."""

    time: datetime
    entry_id: UUID
    body: bytes


class Newest(NamedTuple):
    """One of a patient's newest entries."""

    time: datetime
    utc_offset_minutes: int
    body: bytes


_OPENING = Span("opening.patient_id", "opening.start_time", "opening.end_time", "opening.kinds::int2[]")
_OPENINGS = (
    "unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[]) "
    "as opening (patient_id, kinds, start_time, end_time)"
)


async def list_entries(database: Database, wanted: EntryList) -> list[Listed]:
    """Entries by time, then by id."""
    found: list[Any] = []
    async with database.connection() as connection:
        async for openings in _windows(connection, _ahead(wanted), newest_first=wanted.newest_first):
            arguments = *_columns(openings), wanted.limit, *(wanted.behind or ())
            found = await connection.fetch(_page(wanted, openings), *arguments)
            if len(found) == wanted.limit:
                break
    return [Listed(*row) for row in found]


async def newest_entries(
    connection: asyncpg.Connection, openings: Sequence[Opening], most: int
) -> dict[UUID, list[Newest]]:
    """The newest entries of each patient's openings, at most so many, oldest first. Of one snapshot, if the connection
    is in one."""
    newest: dict[UUID, list[Newest]] = {}
    async for window in _windows(connection, openings, newest_first=True):
        asked = [opening for opening in window if len(newest.get(opening.patient_id, ())) < most]
        found: dict[UUID, list[Newest]] = {}
        for patient, *entry in await connection.fetch(_newest(asked), *_columns(asked), most):
            found.setdefault(patient, []).append(Newest(*entry))
        newest |= {patient: entries[-most:] for patient, entries in found.items()}
        if all(len(newest.get(opening.patient_id, ())) == most for opening in openings):
            break
    return newest


async def _windows(
    connection: asyncpg.Connection, openings: Sequence[Opening], *, newest_first: bool
) -> AsyncIterator[Sequence[Opening]]:
    """The openings, cut to what comes first in the order, wider and wider: where that is enough, no month beyond it is
    unpacked. Of the newest the first window is what is always hot."""
    first, since = min((one.start_time for one in openings), default=END), hot_since()
    if first < since:
        if newest_first and any(one.end_time > since for one in openings):
            yield _cut(openings, since, END)
        months = await _frozen_months(connection, openings)
        for many in (many for many in _WIDER if many < len(months)):
            if newest_first:
                yield _cut(openings, months[-many], END)
            else:
                yield _cut(openings, BEGINNING, months[many - 1] + _MONTH)
    yield openings


async def _frozen_months(connection: asyncpg.Connection, openings: Sequence[Opening]) -> list[datetime]:
    """In which of the openings' months such entries are frozen, oldest first. It tells where to look alone: each look
    sees for itself what is there."""
    rows = await connection.fetch(
        "select distinct month::timestamp at time zone 'UTC' from entry_archive where patient_id = any($1) "
        "and month >= date_trunc('month', $2 at time zone 'UTC')::date and month <= ($3 at time zone 'UTC')::date "
        "and kinds && $4::int2[] order by 1",
        list({one.patient_id for one in openings}),
        min(one.start_time for one in openings),
        max(one.end_time for one in openings),
        list({kind for one in openings for kind in one.kinds}),
    )
    return [month for (month,) in rows]


def _cut(openings: Sequence[Opening], start: datetime, end: datetime) -> list[Opening]:
    return [
        replace(one, start_time=max(one.start_time, start), end_time=min(one.end_time, end))
        for one in openings
        if one.start_time < end and one.end_time > start
    ]


def _ahead(wanted: EntryList) -> list[Opening]:
    """The openings without what lies behind the page before."""
    if wanted.behind is None:
        return list(wanted.openings)
    at, _ = wanted.behind
    return _cut(wanted.openings, *((BEGINNING, at + _INSTANT) if wanted.newest_first else (at, END)))


def _page(wanted: EntryList, openings: Sequence[Opening]) -> str:
    order, compare = ("desc", "<") if wanted.newest_first else ("asc", ">")
    behind = f"and (time, entry_id) {compare} ($6, $7)" if wanted.behind is not None else ""
    by_time = f"order by time {order}, entry_id {order} limit $5"
    entries = _ordered(Listed._fields, openings, behind, by_time)
    return f"select found.* from {_OPENINGS}, lateral ({entries}) as found {by_time}"  # noqa: S608


def _newest(openings: Sequence[Opening]) -> str:
    columns = (*Newest._fields, "entry_id")
    entries = _ordered(columns, openings, "", "order by time desc, entry_id desc limit $5")
    return (
        f"select opening.patient_id, time, utc_offset_minutes, body from {_OPENINGS}, "  # noqa: S608
        f"lateral ({entries}) as found order by opening.patient_id, time, entry_id"
    )


def _ordered(columns: Sequence[str], openings: Sequence[Opening], behind: str, by_time: str) -> str:
    """Of each opening the first entries in an order. The hot ones come by their index."""
    first_hot = f"{hot(columns, _OPENING)} {behind} {by_time}"
    if all(one.start_time >= hot_since() for one in openings):
        return first_hot
    return f"select * from (({first_hot}) union all {frozen(columns, _OPENING)} {behind}) as entry {by_time}"  # noqa: S608


def _columns(openings: Sequence[Opening]) -> Sequence[Sequence[Any]]:
    """Openings as `_OPENINGS` takes them; the kinds of each as the text of an array, since arrays of arrays must be
    rectangular."""
    rows = [(o.patient_id, f"{{{','.join(map(str, o.kinds))}}}", o.start_time, o.end_time) for o in openings]
    return list(zip(*rows, strict=True)) if rows else [()] * 4
