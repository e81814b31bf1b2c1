"""The audit chain as stored."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database
from services.identity.domain import audit, verifying
from services.identity.domain.audit import Event, Head, Link
from services.identity.domain.verifying import Break
from services.identity.store.tables import Account, AuditEvent, AuditHead

_BATCH = 1000


async def begin(session: AsyncSession, seal_key: bytes) -> None:
    """Make the chain's end when there is no chain yet."""
    head = Head()
    values = AuditHead(sequence=head.sequence, hash=head.hash, seal=audit.seal(seal_key, head)).model_dump()
    await session.exec(insert(AuditHead).values(**values).on_conflict_do_nothing())


async def append(session: AsyncSession, seal_key: bytes, event: Event) -> None:
    """Link an event in. The head stays locked until the commit: call it last in a transaction."""
    head = (await session.exec(select(AuditHead).with_for_update())).one()
    new = audit.link(Head(head.sequence, head.hash), event)
    session.add(
        AuditEvent(
            sequence=new.sequence,
            time=event.time,
            actor_id=event.actor_id,
            action=event.action,
            patient_id=event.patient_id,
            object_id=event.object_id,
            hash=new.hash,
        )
    )
    head.sequence, head.hash = new.sequence, new.hash
    head.seal = audit.seal(seal_key, Head(new.sequence, new.hash))


async def page(
    session: AsyncSession, patient_id: UUID, before: int | None, size: int
) -> Sequence[tuple[AuditEvent, str | None]]:
    """The events about a patient, newest first, with their actors' names."""
    statement = (
        select(AuditEvent, Account.display_name)
        .outerjoin(Account, col(Account.account_id) == AuditEvent.actor_id)
        .where(AuditEvent.patient_id == patient_id)
        .order_by(col(AuditEvent.sequence).desc())
        .limit(size)
    )
    if before is not None:
        statement = statement.where(AuditEvent.sequence < before)
    return (await session.exec(statement)).all()


@dataclass(frozen=True)
class Verified:
    """What a look at the chain found."""

    reached: Head
    """The last event that holds."""
    complete: bool
    """Whether that is as far as the chain goes, or holds."""
    broken: Break | None = None


async def verify(database: Database, seal_key: bytes | None, behind: Head, most: int) -> Verified:
    """Follow the chain over so many events from where it was followed to, and compare where it leads with the sealed
    end, all at one instant. Without the key the seal is not looked at."""
    reached, seen = behind, 0
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        end, seal = await _end(connection)
        async for batch in _links(connection, behind, most):
            seen += len(batch)
            reached, holds = verifying.follow(reached, batch)
            if not holds:
                fault = verifying.fault(reached, await anext(_links(connection, reached, _BATCH)))
                return Verified(reached, True, Break(reached.sequence + 1, fault))
    if seen == most:
        return Verified(reached, complete=False)
    return Verified(reached, True, verifying.broken_end(seal_key, reached, end, seal))


async def end(database: Database) -> Head:
    """Where the chain ends, by the record of it."""
    async with database.connection() as connection:
        return (await _end(connection))[0]


async def _end(connection: asyncpg.Connection) -> tuple[Head, bytes]:
    """The chain's end and its seal; of a chain that was never begun, or whose end was taken away, an empty one."""
    row = await connection.fetchrow("select sequence, hash, seal from audit_head")
    return (Head(row["sequence"], row["hash"]), row["seal"]) if row else (Head(), b"")


async def _links(connection: asyncpg.Connection, behind: Head, most: int) -> AsyncIterator[list[Link]]:
    """The chain behind an event, in batches; from the beginning with what has no place in it."""
    start = behind.sequence if behind.sequence else -(1 << 63)
    cursor = await connection.cursor(
        "select * from audit_event where sequence > $1 order by sequence limit $2", start, most
    )
    while rows := await cursor.fetch(_BATCH):
        yield [_link(row) for row in rows]


def _link(row: asyncpg.Record) -> Link:
    event = Event(row["time"], row["actor_id"], row["action"], row["patient_id"], row["object_id"])
    return Link(row["sequence"], event, row["hash"])
