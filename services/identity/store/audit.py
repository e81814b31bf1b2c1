"""The audit chain as stored."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import asyncpg
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain import audit
from services.identity.domain.audit import Event, Head, Link
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


async def head(connection: asyncpg.Connection) -> tuple[Head, bytes]:
    """The chain's end and its seal; of a chain that was never begun, or whose end was taken away, an empty one."""
    row = await connection.fetchrow("select sequence, hash, seal from audit_head")
    return (Head(row["sequence"], row["hash"]), row["seal"]) if row else (Head(), b"")


async def verify(connection: asyncpg.Connection, seal_key: bytes, reached: Head) -> tuple[Head, int | None]:
    """Follow the chain from where it was followed to, and compare where it leads with the sealed end: the last event
    that holds, and the place of the first that does not, if any. Needs a repeatable-read transaction."""
    end, seal = await head(connection)
    async for batch in links(connection, reached.sequence):
        reached, broken = audit.follow(reached, batch)
        if broken is not None:
            return reached, broken
    return reached, audit.broken_end(seal_key, reached, end, seal)


async def links(connection: asyncpg.Connection, behind: int) -> AsyncIterator[list[Link]]:
    """The chain behind an event's sequence, in batches. Needs a transaction."""
    cursor = await connection.cursor("select * from audit_event where sequence > $1 order by sequence", behind)
    while rows := await cursor.fetch(_BATCH):
        yield [_link(row) for row in rows]


def _link(row: asyncpg.Record) -> Link:
    event = Event(row["time"], row["actor_id"], row["action"], row["patient_id"], row["object_id"])
    return Link(row["sequence"], event, row["hash"])
