"""Licences."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain.licences import State
from services.identity.domain.roles import Role
from services.identity.store.sealed import keeps_open
from services.identity.store.tables import Account, Licence


async def submit(session: AsyncSession, licence: Licence) -> bool:
    """Store a new licence. False: one with that number waits for review or is approved."""
    is_older = select(Licence.licence_id).where(
        Licence.role == licence.role,
        col(Licence.state).in_((State.SUBMITTED, State.APPROVED)),
        keeps_open(Licence.number, Licence.number_index, licence.number),
    )
    if (await session.exec(is_older)).first() is not None:
        return False
    statement = insert(Licence).values(**licence.model_dump()).on_conflict_do_nothing()
    return (await session.exec(statement.returning(col(Licence.licence_id)))).first() is not None


async def locked(session: AsyncSession, licence_id: UUID) -> Licence | None:
    """The licence, for this transaction alone."""
    return await session.get(Licence, licence_id, with_for_update=True)


async def live_clinician(session: AsyncSession, account_id: UUID, now: datetime) -> Licence | None:
    """A clinician's approved licence that is valid at this instant; of several, the one of the longest practice."""
    statement = select(Licence).where(
        Licence.account_id == account_id,
        Licence.role == Role.CLINICIAN,
        Licence.state == State.APPROVED,
        Licence.end_time > now,
    )
    return (await session.exec(statement.order_by(col(Licence.first_registration_date)).limit(1))).first()


async def page(
    session: AsyncSession, account_id: UUID | None, state: State | None, after: UUID | None, size: int
) -> Sequence[Licence]:
    """Licences, newest first: of one account or of all, in one state or in all."""
    key = tuple_(col(Licence.submit_time), col(Licence.licence_id))
    statement = select(Licence).order_by(col(Licence.submit_time).desc(), col(Licence.licence_id).desc()).limit(size)
    if account_id is not None:
        statement = statement.where(Licence.account_id == account_id)
    if state is not None:
        statement = statement.where(Licence.state == state)
    if after is not None:
        last = select(col(Licence.submit_time), col(Licence.licence_id)).where(Licence.licence_id == after)
        statement = statement.where(key < last.scalar_subquery())
    return (await session.exec(statement)).all()


async def approved(session: AsyncSession, account_ids: Iterable[UUID], role: str) -> Sequence[tuple[Account, Licence]]:
    """Each account with its approved licence for the role that ends last, an expired one too; others are left out."""
    statement = (
        select(Account, Licence)
        .join(Licence, col(Licence.account_id) == col(Account.account_id))
        .where(
            col(Account.account_id).in_(account_ids),
            Licence.state == State.APPROVED,
            Licence.role == role,
            col(Account.delete_time).is_(None),
        )
        .order_by(col(Licence.end_time))
    )
    found = (await session.exec(statement)).all()
    return list({account.account_id: (account, licence) for account, licence in found}.values())
