"""The journal: concurrent writes of one process share one transaction, and each waits for its commit.

One `insert … unnest … on conflict do nothing`, one outbox row for each patient, one kept answer for each request.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from kit import telemetry
from kit.database import Database
from kit.idempotency import reused
from kit.outages import is_outage

MAX_GROUP_ENTRIES = 2_000
_COMMITTERS = 2


class NewEntry(NamedTuple):
    """An entry ready to store; the fields are those of `store.tables.EntryRow`."""

    patient_id: UUID
    entry_id: UUID
    time: datetime
    kind: int
    device: str
    slot: str
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


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A request that is to be answered once (AIP-155)."""

    caller_id: UUID
    request_id: UUID
    digest: bytes
    answer: Callable[[Sequence[Stored]], bytes]
    """Makes the answer from the outcomes; it is kept in the same transaction."""


@dataclass(slots=True)
class Write:
    """One call's entries, all of one patient, on their way into a commit."""

    entries: Sequence[NewEntry]
    request: RequestKey | None = None
    outcomes: list[Stored] = field(default_factory=list)
    answer: bytes = b""
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


type EventOf = Callable[[UUID, Sequence[bytes]], tuple[str, bytes]]
"""Subject and payload of the event that tells of a patient's new entries, from their bodies."""


class Journal:
    """Commits writes in groups: whatever arrives while a commit is under way goes into the next."""

    def __init__(self, database: Database, event_of: EventOf, after_commit: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._event_of = event_of
        self._after_commit = after_commit
        self._queue: deque[Write] = deque()
        self._committers: set[asyncio.Task[None]] = set()

    async def write(self, entries: Sequence[NewEntry], request: RequestKey | None = None) -> Write:
        """Store durably. Errors: REQUEST_ID_REUSED; an outage, after which the same ids may be sent again."""
        write = Write(entries, request)
        self._queue.append(write)
        if len(self._committers) < _COMMITTERS:
            task = asyncio.create_task(self._commit_groups())
            self._committers.add(task)
            task.add_done_callback(self._committers.discard)
        await write.done
        return write

    async def _commit_groups(self) -> None:
        while self._queue:
            group = self._next_group()
            try:
                await self._commit(group)
            except Exception as error:  # noqa: BLE001  each write gets the error that is its own
                await self._commit_singly(group, error)
            for write in group:
                if not write.done.done():
                    write.done.set_result(None)
            await self._after_commit()

    async def _commit_singly(self, group: Sequence[Write], group_error: Exception) -> None:
        """An outage is everybody's error; any other belongs to one write, or is gone at the second try (a race)."""
        for write in group:
            error: Exception | None = group_error
            if not is_outage(group_error):
                try:
                    await self._commit([write])
                    error = None
                except Exception as own:  # noqa: BLE001  handed to the call that caused it
                    error = own
            if error is not None and not write.done.done():
                write.done.set_exception(error)

    def _next_group(self) -> list[Write]:
        """As many as fit. A request that is in the group already waits, so that it finds the first one's answer."""
        group: list[Write] = []
        waiting: list[Write] = []
        entries = 0
        requests = set()
        while self._queue and (not group or entries + len(self._queue[0].entries) <= MAX_GROUP_ENTRIES):
            write = self._queue.popleft()
            key = write.request and (write.request.caller_id, write.request.request_id)
            if key and key in requests:
                waiting.append(write)
                continue
            requests.add(key)
            group.append(write)
            entries += len(write.entries)
        self._queue.extendleft(reversed(waiting))
        return group

    async def _commit(self, group: Sequence[Write]) -> None:
        async with self._database.connection() as connection, connection.transaction():
            fresh = await _unanswered(connection, group)
            created = await _insert(connection, [entry for write in fresh for entry in write.entries])
            for write in fresh:
                write.outcomes = [created.get(id(entry), CREATED) for entry in write.entries]
            await self._insert_events(connection, fresh)
            await _keep_answers(connection, fresh)
        telemetry.COMMIT_BATCH.observe(sum(len(write.entries) for write in group))

    async def _insert_events(self, connection: asyncpg.Connection, group: Sequence[Write]) -> None:
        bodies: dict[UUID, list[bytes]] = {}
        for write in group:
            for entry, stored in zip(write.entries, write.outcomes, strict=True):
                if stored is CREATED:
                    bodies.setdefault(entry.patient_id, []).append(entry.body)
        events = [self._event_of(patient, found) for patient, found in bodies.items()]
        if events:
            await connection.execute(
                "insert into outbox (subject, payload) select * from unnest($1::text[], $2::bytea[])",
                *columns(events),
            )


async def _unanswered(connection: asyncpg.Connection, group: Sequence[Write]) -> list[Write]:
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
        row = answered.get((key.caller_id, key.request_id)) if key else None
        if key is None or row is None:
            fresh.append(write)
        elif row["digest"] == key.digest:
            write.answer = row["answer"]
        elif not write.done.done():
            write.done.set_exception(reused())
    return fresh


async def _insert(connection: asyncpg.Connection, entries: Sequence[NewEntry]) -> dict[int, Stored]:
    """Insert what is new; the outcome of each entry that was not, by the entry's `id()`."""
    if not entries:
        return {}
    tag = await connection.execute(
        "insert into entry (patient_id, entry_id, time, kind, device, slot, mg_per_dl, content_digest, body) "
        "select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::int2[], $5::text[], $6::text[], "
        "$7::float4[], $8::bytea[], $9::bytea[]) on conflict do nothing",
        *columns(entries),
    )
    if int(tag.rsplit(" ", 1)[1]) == len(entries):
        return {}
    return await _outcomes(connection, entries)


async def _outcomes(connection: asyncpg.Connection, entries: Sequence[NewEntry]) -> dict[int, Stored]:
    rows = await connection.fetch(
        "select patient_id, entry_id, time, kind, device, slot, deleted, content_digest, body from entry "
        "join unnest($1::uuid[], $2::uuid[]) as asked (patient_id, entry_id) using (patient_id, entry_id) "
        "union select patient_id, entry_id, time, kind, device, slot, deleted, content_digest, body from entry "
        "join unnest($1::uuid[], $3::timestamptz[], $4::int2[], $5::text[], $6::text[]) "
        "as asked (patient_id, time, kind, device, slot) using (patient_id, time, kind, device, slot) "
        "where not deleted",
        *columns([(e.patient_id, e.entry_id, e.time, e.kind, e.device, e.slot) for e in entries]),
    )
    by_id = {(row["patient_id"], row["entry_id"]): row for row in rows}
    by_natural_key = {tuple(row[name] for name in _NATURAL_KEY): row for row in rows if not row["deleted"]}
    found: dict[int, Stored] = {}
    created = set()
    for entry in entries:
        row = by_id.get((entry.patient_id, entry.entry_id))
        if row is not None and row["body"] == entry.body and entry.entry_id not in created:
            created.add(entry.entry_id)  # the body carries this write's own record time
            continue
        row = row or by_natural_key[entry.natural_key]
        same = row["content_digest"] == entry.content_digest
        found[id(entry)] = Stored(Outcome.DUPLICATE if same else Outcome.CONFLICT, row["entry_id"])
    return found


async def _keep_answers(connection: asyncpg.Connection, group: Sequence[Write]) -> None:
    keyed = []
    for write in group:
        if (key := write.request) is not None:
            write.answer = key.answer(write.outcomes)
            keyed.append((key.caller_id, key.request_id, key.digest, write.answer))
    if keyed:
        await connection.execute(
            "insert into answered_request (caller_id, request_id, digest, answer) "
            "select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[])",
            *columns(keyed),
        )


_NATURAL_KEY = "patient_id", "time", "kind", "device", "slot"


def columns(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows as the arrays that `unnest` takes."""
    return list(zip(*rows, strict=True))
