"""Changes of accounts that take two people."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import tuple_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain.account_changes import OPEN_FOR, Kind, State
from services.identity.domain.roles import Role
from services.identity.store.tables import Account, AccountChange, AccountRole, SecondFactor

OPEN = (State.PROPOSED, State.APPROVED)


async def locked(session: AsyncSession, change_id: UUID) -> AccountChange | None:
    """Return the change, for this transaction alone."""
    return await session.get(AccountChange, change_id, with_for_update=True)


async def open_of(session: AsyncSession, account_id: UUID, kind: Kind, now: datetime) -> AccountChange | None:
    """Return the open change of that kind, for this transaction alone. A proposal is open for seven days."""
    statement = select(AccountChange).where(
        AccountChange.account_id == account_id,
        AccountChange.kind == kind,
        col(AccountChange.state).in_(OPEN),
        AccountChange.create_time > now - OPEN_FOR,
    )
    return (await session.exec(statement.with_for_update())).first()


async def page(session: AsyncSession, after: UUID | None, size: int) -> Sequence[AccountChange]:
    """Return changes, newest first."""
    key = tuple_(col(AccountChange.create_time), col(AccountChange.change_id))
    statement = select(AccountChange).order_by(
        col(AccountChange.create_time).desc(), col(AccountChange.change_id).desc()
    )
    if after is not None:
        last = select(col(AccountChange.create_time), col(AccountChange.change_id))
        statement = statement.where(key < last.where(AccountChange.change_id == after).scalar_subquery())
    return (await session.exec(statement.limit(size))).all()


async def due(session: AsyncSession, now: datetime) -> Sequence[AccountChange]:
    """Return approved changes whose time has come; other replicas leave them out."""
    statement = select(AccountChange).where(
        AccountChange.state == State.APPROVED, col(AccountChange.effective_time) <= now
    )
    return (await session.exec(statement.with_for_update(skip_locked=True))).all()


async def withdraw_resets(session: AsyncSession, account_id: UUID) -> None:
    """End open resets of a second factor: its owner has it."""
    statement = update(AccountChange).where(
        col(AccountChange.account_id) == account_id,
        col(AccountChange.kind) == Kind.RESET_SECOND_FACTOR,
        col(AccountChange.state).in_(OPEN),
    )
    await session.exec(statement.values(state=State.WITHDRAWN))


async def other_admins(session: AsyncSession, account_id: UUID) -> Sequence[Account]:
    """Return the other accounts that are administrators with a second factor."""
    statement = (
        select(Account)
        .join(AccountRole, col(AccountRole.account_id) == col(Account.account_id))
        .join(SecondFactor, col(SecondFactor.account_id) == col(AccountRole.account_id))
        .where(
            AccountRole.role == Role.ADMIN,
            AccountRole.account_id != account_id,
            col(SecondFactor.confirm_time).is_not(None),
        )
    )
    return (await session.exec(statement)).all()
