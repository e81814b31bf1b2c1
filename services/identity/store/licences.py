"""Licences."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, text, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain.indexed import Indexed
from services.identity.domain.licences import State
from services.identity.domain.roles import Role
from services.identity.store.sealed import keeps
from services.identity.store.tables import Account, Licence


async def waiting(session: AsyncSession, account_id: UUID) -> int:
    """Return how many licences of an account wait for review."""
    statement = select(func.count()).select_from(Licence)
    statement = statement.where(Licence.account_id == account_id, Licence.state == State.SUBMITTED)
    return (await session.exec(statement)).one()


async def approved_of_number(session: AsyncSession, role: str, number: Indexed) -> Licence | None:
    """Return the approved licence of the same role and number, for this transaction alone. Of two approvals of a number
    at once, the second waits here for the first."""
    await (await session.connection()).execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"{role} {number.value}"}
    )
    statement = select(Licence).where(
        Licence.role == role,
        Licence.state == State.APPROVED,
        keeps(Licence.number, Licence.number_index, number),
    )
    return (await session.exec(statement.with_for_update())).first()


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
