"""Queries on the diary. Each carries the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database
from services.glucose.store.alerts import active_bodies
from services.glucose.store.group import NewEntry
from services.glucose.store.tables import EntryRevisionRow, EntryRow

READINGS = 10, 11
"""The kinds (`EntryKind`) that carry a glucose concentration."""


class EntryExistsError(Exception):
    """Another entry already stands at that patient, device, instant and kind."""


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


@dataclass(frozen=True)
class Listed:
    """One listed entry: its place in the order, and its body."""

    time: datetime
    entry_id: UUID
    body: bytes


@dataclass(frozen=True)
class Snapshot:
    """Patients' recent entries and active alerts, all as of one instant."""

    as_of: datetime
    visible: str
    """PostgreSQL's snapshot (`xmin:xmax:running`): which transactions the entries hold."""
    recent: dict[UUID, list[bytes]]
    latest_reading: dict[UUID, bytes]
    active_alerts: dict[UUID, list[bytes]]


async def list_entries(database: Database, wanted: EntryList) -> list[Listed]:
    """Entries by time, then by id."""
    descending, compare = ("desc", "<") if wanted.newest_first else ("asc", ">")
    order = f"order by time {descending}, entry_id {descending} limit $5"
    arguments: list[Any] = [*_columns(wanted.openings), wanted.limit]
    behind = ""
    if wanted.behind is not None:
        arguments.extend(wanted.behind)
        behind = f"and (time, entry_id) {compare} ($6, $7)"
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"select time, entry_id, body from {_OPENINGS}, lateral ("  # noqa: S608  fixed words and placeholders
            f"  select time, entry_id, body from entry where entry.patient_id = opening.patient_id "
            f"  and {_IN_OPENING} {behind} {order}"
            f") as found {order}",
            *arguments,
        )
    return [Listed(*row) for row in rows]


async def snapshot(
    database: Database, recent: Sequence[Opening], readings: Sequence[Opening], patients: Sequence[UUID], most: int
) -> Snapshot:
    """Each patient's entries in the openings of `recent` (the newest `most`, oldest first), the newest one in those of
    `readings`, and the active alerts of `patients`."""
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        as_of, visible = await connection.fetchrow("select clock_timestamp(), pg_current_snapshot()::text")
        entries = await _newest(connection, recent, most)
        latest = await _newest(connection, readings, 1)
        alerts = await active_bodies(connection, patients)
    return Snapshot(as_of, visible, entries, {patient: bodies[-1] for patient, bodies in latest.items()}, alerts)


async def _newest(connection: asyncpg.Connection, openings: Sequence[Opening], most: int) -> dict[UUID, list[bytes]]:
    """The newest entries of each patient's openings, oldest first."""
    rows = await connection.fetch(
        f"select opening.patient_id, body from {_OPENINGS}, lateral ("  # noqa: S608  fixed words
        f"  select time, entry_id, body from entry where entry.patient_id = opening.patient_id "
        f"  and {_IN_OPENING} order by time desc, entry_id desc limit $5"
        ") as found order by opening.patient_id, time, entry_id",
        *_columns(openings),
        most,
    )
    grouped: dict[UUID, list[bytes]] = {}
    for patient, body in rows:
        grouped.setdefault(patient, []).append(body)
    return {patient: bodies[-most:] for patient, bodies in grouped.items()}


async def find(session: AsyncSession, patient: UUID, entry: UUID, *, lock: bool = False) -> EntryRow | None:
    """An entry of the patient's, a deleted one too; locked when it is to be changed."""
    query = select(EntryRow).where(col(EntryRow.patient_id) == patient, col(EntryRow.entry_id) == entry)
    return (await session.exec(query.with_for_update() if lock else query)).one_or_none()


async def revisions(session: AsyncSession, patient: UUID, entry: UUID) -> Sequence[EntryRevisionRow]:
    """An entry's earlier revisions, oldest first; at most 1000."""
    query = (
        select(EntryRevisionRow)
        .where(col(EntryRevisionRow.patient_id) == patient, col(EntryRevisionRow.entry_id) == entry)
        .order_by(col(EntryRevisionRow.revision))
        .limit(1000)
    )
    return (await session.exec(query)).all()


async def amend(session: AsyncSession, row: EntryRow, amended: NewEntry, note: str) -> None:
    """Replace an entry's content and keep what it was. Errors: `EntryExistsError`."""
    session.add(_kept(row))
    row.time = amended.time
    row.kind = amended.kind
    row.device = amended.device
    row.slot = amended.slot
    row.utc_offset_minutes = amended.utc_offset_minutes
    row.unit = amended.unit
    row.mg_per_dl = amended.mg_per_dl
    row.body = amended.body
    row.note = note
    row.revision += 1
    try:
        await session.flush()
    except IntegrityError as error:
        raise EntryExistsError("another entry stands at this device, instant and kind") from error


async def delete(session: AsyncSession, row: EntryRow, note: str) -> None:
    """Mark an entry as deleted and keep what it was."""
    session.add(_kept(row))
    row.deleted = True
    row.note = note
    row.revision += 1
    await session.flush()


async def add_events(connection: asyncpg.Connection, events: Sequence[tuple[str, bytes]]) -> None:
    """Put events, each a subject and a payload, into the outbox."""
    await connection.execute(
        "insert into outbox (subject, payload) select * from unnest($1::text[], $2::bytea[])",
        [subject for subject, _ in events],
        [payload for _, payload in events],
    )


_OPENINGS = (
    "unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[]) "
    "as opening (patient_id, kinds, start_time, end_time)"
)
_IN_OPENING = (
    "not deleted and kind = any(opening.kinds::int2[]) and time >= opening.start_time and time < opening.end_time"
)


def _columns(openings: Sequence[Opening]) -> Sequence[Sequence[Any]]:
    """Openings as `_OPENINGS` takes them; the kinds of each as the text of an array, since arrays of arrays must be
    rectangular."""
    rows = [(o.patient_id, f"{{{','.join(map(str, o.kinds))}}}", o.start_time, o.end_time) for o in openings]
    return list(zip(*rows, strict=True)) if rows else [()] * 4


def _kept(row: EntryRow) -> EntryRevisionRow:
    return EntryRevisionRow(
        patient_id=row.patient_id, entry_id=row.entry_id, revision=row.revision, note=row.note, body=row.body
    )
