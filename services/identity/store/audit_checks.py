"""How far the audit chain was verified, for all replicas."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.store.tables import AuditCheck

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


class Check(StrEnum):
    """What is done again and again."""

    ADDED = "added"
    """What was added is followed."""
    WHOLE = "whole"
    """The chain is followed from its beginning."""
    ANCHOR = "anchor"
    """Its end is told."""


async def take(session: AsyncSession, check: Check, now: datetime, pause: timedelta) -> AuditCheck | None:
    """The check, locked and noted as done now; None when somebody else is at it, or was within the pause."""
    new = insert(AuditCheck).values(name=check, checkpoint="", sequence=0, begin_time=now, look_time=_NEVER)
    await session.exec(new.on_conflict_do_nothing())
    due = select(AuditCheck).where(AuditCheck.name == check, col(AuditCheck.look_time) <= now - pause)
    row = (await session.exec(due.with_for_update(skip_locked=True))).one_or_none()
    if row is not None:
        row.look_time = now
    return row


async def followed(session: AsyncSession) -> Sequence[AuditCheck]:
    """The checks of the chain."""
    return (await session.exec(select(AuditCheck).where(AuditCheck.name != Check.ANCHOR))).all()
