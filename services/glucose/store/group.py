"""One group of writes, committed together: their entries, events for each patient, a kept answer for each request."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from kit.idempotency import ANSWER, DIGEST, reused
from kit.sealing import SealingKeys
from services.glucose.store.archive import old_months, thaw


class NewEntry(NamedTuple):
    """An entry ready to store; the fields are those of `store.tables.EntryRow`."""

    patient_id: UUID
    entry_id: UUID
    time: datetime
    kind: int
    device: str
    slot: str
    utc_offset_minutes: int
    unit: int | None
    mg_per_dl: float | None
    content_digest: bytes
    body: bytes

    @property
    def natural_key(self) -> tuple[UUID, datetime, int, str, str]:
        """What makes two entries the same whatever their ids."""
        return self.patient_id, self.time, self.kind, self.device, self.slot


class Outcome(Enum):
    """What became of an entry."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry's outcome, and the entry that already stood there."""

    outcome: Outcome
    existing_entry_id: UUID | None = None


CREATED = Stored(Outcome.CREATED)

MAX_EVENT_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A request that is to be answered once (AIP-155)."""

    caller_id: UUID
    request_id: UUID
    digest: bytes
    answer: Callable[[Sequence[Stored]], bytes]
    """Makes the answer from the outcomes; it is kept in the same transaction."""

    @property
    def id(self) -> tuple[UUID, UUID]:
        """What the answer is kept under."""
        return self.caller_id, self.request_id


@dataclass(slots=True)
class Write:
    """One call's entries, all of one patient, on their way into a commit."""

    entries: Sequence[NewEntry]
    request: RequestKey | None = None
    outcomes: list[Stored] = field(default_factory=list)
    answer: bytes = b""
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def created_bytes(self) -> int:
        """How much was stored that was not there before; nothing for the repeat of a request."""
        if not self.outcomes:
            return 0
        pairs = zip(self.entries, self.outcomes, strict=True)
        return sum(len(entry.body) for entry, stored in pairs if stored.outcome is Outcome.CREATED)


type EventOf = Callable[[UUID, Sequence[bytes]], tuple[str, bytes]]
"""Subject and payload of the event that tells of a patient's new entries, from their bodies."""

_WRITE = """
with entries as (
  insert into entry (patient_id, entry_id, time, kind, device, slot, utc_offset_minutes, unit, mg_per_dl,
                     content_digest, body)
  select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::int2[], $5::text[], $6::text[], $7::int2[],
                       $8::int2[], $9::float4[], $10::bytea[], $11::bytea[])
                as new (patient_id, entry_id, time, kind, device, slot)
  order by patient_id, time, kind, device, slot  -- two uploaders of the same wait for one another in one order alone
  on conflict do nothing returning 1
), events as (
  insert into outbox (subject, payload) select * from unnest($12::text[], $13::bytea[])
), answers as (
  insert into answered_request (caller_id, request_id, digest, answer)
  select * from unnest($14::uuid[], $15::uuid[], $16::bytea[], $17::bytea[])
)
select count(*) from entries
"""


class _NotAllNewError(Exception):
    """Some of the group was there before."""


async def commit_group(
    connection: asyncpg.Connection, sealing: SealingKeys, group: Sequence[Write], event_of: EventOf
) -> None:
    """Commit. Mostly all of a group is new, and one statement does it; otherwise a second look tells what was there."""
    months = old_months(entry for write in group for entry in write.entries)
    try:
        async with connection.transaction():
            await thaw(connection, months)
            await _write_all_new(connection, sealing, group, event_of)
    except (_NotAllNewError, asyncpg.UniqueViolationError):
        async with connection.transaction():
            await thaw(connection, months)
            await _write_what_is_new(connection, sealing, group, event_of)


async def _write_all_new(
    connection: asyncpg.Connection, sealing: SealingKeys, group: Sequence[Write], event_of: EventOf
) -> None:
    for write in group:
        write.outcomes = [CREATED] * len(write.entries)
    entries = [entry for write in group for entry in write.entries]
    if await _write(connection, entries, _events(group, event_of), _answers(group, sealing)) < len(entries):
        raise _NotAllNewError


async def _write_what_is_new(
    connection: asyncpg.Connection, sealing: SealingKeys, group: Sequence[Write], event_of: EventOf
) -> None:
    for write in group:
        write.outcomes = []  # of the first look; a repeat has stored nothing
    fresh = await _unanswered(connection, sealing, group)
    entries = [entry for write in fresh for entry in write.entries]
    await _write(connection, entries, [], [])
    there_before = await _outcomes(connection, entries)
    for write in fresh:
        write.outcomes = [there_before.get(id(entry), CREATED) for entry in write.entries]
    await _write(connection, [], _events(fresh, event_of), _answers(fresh, sealing))


async def _write(
    connection: asyncpg.Connection,
    entries: Sequence[NewEntry],
    events: Sequence[tuple[str, bytes]],
    answers: Sequence[tuple[UUID, UUID, bytes, bytes]],
) -> int:
    """How many of the entries were new."""
    return int(await connection.fetchval(_WRITE, *_columns(entries, 11), *_columns(events, 2), *_columns(answers, 4)))


def _events(group: Sequence[Write], event_of: EventOf) -> list[tuple[str, bytes]]:
    bodies: dict[UUID, list[bytes]] = {}
    for write in group:
        for entry, stored in zip(write.entries, write.outcomes, strict=True):
            if stored is CREATED:
                bodies.setdefault(entry.patient_id, []).append(entry.body)
    return [event_of(patient, part) for patient, found in bodies.items() for part in _parts(found)]


def _parts(bodies: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The bodies in events of a size that NATS takes, and every client."""
    part: list[bytes] = []
    size = 0
    for body in bodies:
        if part and size + len(body) > MAX_EVENT_BYTES:
            yield part
            part, size = [], 0
        part.append(body)
        size += len(body)
    yield part


def _answers(group: Sequence[Write], sealing: SealingKeys) -> list[tuple[UUID, UUID, bytes, bytes]]:
    kept = []
    for write in group:
        if (key := write.request) is not None:
            write.answer = key.answer(write.outcomes)
            kept.append(
                (key.caller_id, key.request_id, sealing.seal(DIGEST, key.digest), sealing.seal(ANSWER, write.answer))
            )
    return kept


async def _unanswered(connection: asyncpg.Connection, sealing: SealingKeys, group: Sequence[Write]) -> list[Write]:
    """The writes that are not answered yet; the others get their first answer."""
    keyed = [write.request for write in group if write.request]
    if not keyed:
        return list(group)
    rows = await connection.fetch(
        "select caller_id, request_id, digest, answer from answered_request "
        "join unnest($1::uuid[], $2::uuid[]) as asked (caller_id, request_id) using (caller_id, request_id)",
        [key.caller_id for key in keyed],
        [key.request_id for key in keyed],
    )
    answered = {(row["caller_id"], row["request_id"]): row for row in rows}
    fresh = []
    for write in group:
        key = write.request
        row = answered.get(key.id) if key else None
        if key is None or row is None:
            fresh.append(write)
        elif sealing.open(DIGEST, row["digest"]) == key.digest:
            write.answer = sealing.open(ANSWER, row["answer"])
        elif not write.done.done():
            write.done.set_exception(reused())
    return fresh


async def _outcomes(connection: asyncpg.Connection, entries: Sequence[NewEntry]) -> dict[int, Stored]:
    rows = await connection.fetch(
        "select patient_id, entry_id, time, kind, device, slot, deleted, content_digest, body from entry "
        "join unnest($1::uuid[], $2::uuid[]) as asked (patient_id, entry_id) using (patient_id, entry_id) "
        "union select patient_id, entry_id, time, kind, device, slot, deleted, content_digest, body from entry "
        "join unnest($1::uuid[], $3::timestamptz[], $4::int2[], $5::text[], $6::text[]) "
        "as asked (patient_id, time, kind, device, slot) using (patient_id, time, kind, device, slot) "
        "where not deleted",
        *_columns([(e.patient_id, e.entry_id, e.time, e.kind, e.device, e.slot) for e in entries], 6),
    )
    by_id = {(row["patient_id"], row["entry_id"]): row for row in rows}
    by_natural_key = {tuple(row[name] for name in _NATURAL_KEY): row for row in rows if not row["deleted"]}
    found: dict[int, Stored] = {}
    created = set()
    for entry in entries:
        row = by_id.get((entry.patient_id, entry.entry_id))
        if row is not None and row["body"] == entry.body and entry[:2] not in created:
            created.add(entry[:2])  # the body carries this write's own record time
            continue
        row = row or by_natural_key[entry.natural_key]
        same = row["content_digest"] == entry.content_digest
        found[id(entry)] = Stored(Outcome.DUPLICATE if same else Outcome.CONFLICT, row["entry_id"])
    return found


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> Sequence[Sequence[Any]]:
    """Rows as the arrays that `unnest` takes."""
    return list(zip(*rows, strict=True)) if rows else [()] * width


_NATURAL_KEY = "patient_id", "time", "kind", "device", "slot"
