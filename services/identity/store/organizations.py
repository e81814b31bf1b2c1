"""Organizations and their members."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.store import accounts
from services.identity.store.tables import Account, Membership, Organization


async def by_id(session: AsyncSession, organization_id: UUID) -> Organization | None:
    """The organization of that id."""
    return await session.get(Organization, organization_id)


async def page(session: AsyncSession, after: UUID | None, size: int) -> Sequence[Organization]:
    """Organizations by name."""
    key = tuple_(col(Organization.name), col(Organization.organization_id))
    statement = select(Organization).order_by(Organization.name, col(Organization.organization_id)).limit(size)
    if after is not None:
        last = select(Organization.name, Organization.organization_id).where(Organization.organization_id == after)
        statement = statement.where(key > last.scalar_subquery())
    return (await session.exec(statement)).all()


async def member(session: AsyncSession, organization_id: UUID, account_id: UUID) -> Membership | None:
    """Somebody's membership."""
    return await session.get(Membership, (organization_id, account_id))


async def put_member(session: AsyncSession, membership: Membership) -> Membership:
    """Add a member, or change whether they manage."""
    statement = insert(Membership).values(**membership.model_dump())
    statement = statement.on_conflict_do_update(
        index_elements=["organization_id", "account_id"], set_={"manager": statement.excluded.manager}
    )
    member: Membership = (await session.exec(statement.returning(Membership))).scalar_one()
    return member


async def remove_member(session: AsyncSession, organization_id: UUID, account_id: UUID) -> bool:
    """Remove a member. False: there was none."""
    statement = delete(Membership).where(
        col(Membership.organization_id) == organization_id, col(Membership.account_id) == account_id
    )
    return (await session.exec(statement.returning(col(Membership.account_id)))).first() is not None


async def members(
    session: AsyncSession, organization_id: UUID, after: UUID | None, size: int
) -> Sequence[tuple[Membership, str]]:
    """Members with their names, by name."""
    statement = (
        select(Membership, Account.account_id, Account.display_name)
        .join(Account, col(Account.account_id) == Membership.account_id)
        .where(Membership.organization_id == organization_id)
    )
    rows = (await session.exec(statement)).all()
    return [(member, name) for member, _, name in await accounts.page_by_name(session, rows, after, size)]
