"""Queries on the diary. Each carries the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database, raw_connection
from services.glucose.store.alerts import active_bodies
from services.glucose.store.archive import EITHER, old_months, thaw, thaw_where
from services.glucose.store.group import NewEntry
from services.glucose.store.lists import Opening, newest_entries
from services.glucose.store.tables import EntryRevisionRow, EntryRow

READINGS = 10, 11
"""The kinds (`EntryKind`) that carry a glucose concentration."""


class EntryExistsError(Exception):
    """Another entry already stands at that patient, device, instant and kind."""


@dataclass(frozen=True)
class Snapshot:
    """Patients' recent entries and active alerts, all as of one instant."""

    as_of: datetime
    visible: str
    """PostgreSQL's snapshot (`xmin:xmax:running`): which transactions the entries hold."""
    recent: dict[UUID, list[bytes]]
    latest_reading: dict[UUID, bytes]
    active_alerts: dict[UUID, list[bytes]]


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
        entries = await newest_entries(connection, recent, most)
        latest = await newest_entries(connection, readings, 1)
        alerts = await active_bodies(connection, patients)
    bodies = {patient: [entry.body for entry in found] for patient, found in entries.items()}
    return Snapshot(as_of, visible, bodies, {patient: found[-1].body for patient, found in latest.items()}, alerts)


async def find(session: AsyncSession, patient: UUID, entry: UUID) -> EntryRow | None:
    """An entry of the patient's, a deleted one too."""
    found = await find_all(session, patient, [entry])
    return found[0] if found else None


async def find_all(session: AsyncSession, patient: UUID, entries: Sequence[UUID]) -> list[EntryRow]:
    """Those of these entries of the patient's that there are, deleted ones too; they are not to be changed."""
    wanted = select(EntryRow).where(col(EntryRow.patient_id) == patient, col(EntryRow.entry_id).in_(entries))
    hot = list((await session.exec(wanted)).all())
    if {row.entry_id for row in hot} >= set(entries):
        return hot
    rows = await (await raw_connection(session)).fetch(EITHER, patient, entries)
    return [EntryRow(patient_id=patient, **row) for row in rows]


async def find_to_change(session: AsyncSession, patient: UUID, entry: UUID) -> EntryRow | None:
    """An entry of the patient's, a deleted one too, locked; one that was frozen is thawed with its month."""
    wanted = select(EntryRow).where(col(EntryRow.patient_id) == patient, col(EntryRow.entry_id) == entry)
    row = (await session.exec(wanted.with_for_update())).one_or_none()
    if row is None:
        await thaw_where(await raw_connection(session), patient, entry)
        row = (await session.exec(wanted.with_for_update())).one_or_none()
    return row


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
    await thaw(await raw_connection(session), old_months([amended]))  # what may stand there
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


def _kept(row: EntryRow) -> EntryRevisionRow:
    return EntryRevisionRow(
        patient_id=row.patient_id, entry_id=row.entry_id, revision=row.revision, note=row.note, body=row.body
    )
