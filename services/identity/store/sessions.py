"""Sessions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import tuple_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain.sessions import RefreshState
from services.identity.store.tables import Session


async def locked(session: AsyncSession, session_id: UUID) -> Session | None:
    """The session, for this transaction alone."""
    return await session.get(Session, session_id, with_for_update=True)


def refresh_state(row: Session) -> RefreshState:
    """What the session knows of its refresh tokens."""
    return RefreshState(
        current_hash=row.refresh_hash,
        expire_time=row.refresh_expire_time,
        previous_hash=row.previous_refresh_hash,
        previous_request_id=row.previous_request_id,
        trade_time=row.trade_time,
        end_time=row.end_time,
    )


def set_refresh_state(row: Session, state: RefreshState) -> None:
    """Take over a new state."""
    row.refresh_hash = state.current_hash
    row.refresh_expire_time = state.expire_time
    row.previous_refresh_hash = state.previous_hash
    row.previous_request_id = state.previous_request_id
    row.trade_time = state.trade_time


async def end(
    session: AsyncSession,
    account_id: UUID,
    now: datetime,
    *,
    only: UUID | None = None,
    keep: UUID | None = None,
) -> Sequence[UUID]:
    """End the account's sessions that have not ended, all or `only` one, except the one to `keep`; which ended."""
    statement = update(Session).where(
        col(Session.account_id) == account_id,
        col(Session.end_time).is_(None),
        col(Session.refresh_expire_time) > now,
    )
    if only is not None:
        statement = statement.where(col(Session.session_id) == only)
    if keep is not None:
        statement = statement.where(col(Session.session_id) != keep)
    return (await session.exec(statement.values(end_time=now).returning(col(Session.session_id)))).scalars().all()


async def live_page(
    session: AsyncSession, account_id: UUID, now: datetime, after: UUID | None, size: int
) -> Sequence[Session]:
    """Return an account's sessions that have not ended, newest first."""
    key = tuple_(col(Session.create_time), col(Session.session_id))
    statement = (
        select(Session)
        .where(
            Session.account_id == account_id,
            col(Session.end_time).is_(None),
            Session.refresh_expire_time > now,
        )
        .order_by(col(Session.create_time).desc(), col(Session.session_id).desc())
        .limit(size)
    )
    if after is not None:
        last = select(col(Session.create_time), col(Session.session_id)).where(Session.session_id == after)
        statement = statement.where(key < last.scalar_subquery())
    return (await session.exec(statement)).all()
