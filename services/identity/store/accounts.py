"""Accounts, their roles, second factors and devices."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain import roles
from services.identity.domain.licences import State
from services.identity.domain.roles import Role
from services.identity.store.tables import Account, AccountRole, Device, Licence, SecondFactor


async def by_id(session: AsyncSession, account_id: UUID) -> Account | None:
    """The account of that id, unless it is deleted."""
    return _unless_deleted(await session.get(Account, account_id))


async def by_id_locked(session: AsyncSession, account_id: UUID) -> Account | None:
    """The same, for this transaction alone."""
    return _unless_deleted(await session.get(Account, account_id, with_for_update=True))


async def by_phone(session: AsyncSession, phone: str) -> Account | None:
    """The account of that phone."""
    return (await session.exec(select(Account).where(Account.phone == phone))).one_or_none()


async def of_phone(session: AsyncSession, phone: str, now: datetime) -> Account:
    """The account of that phone, made now when there is none. Of two at once, one makes it."""
    values = Account(account_id=uuid4(), phone=phone, create_time=now).model_dump()
    await session.exec(insert(Account).values(**values).on_conflict_do_nothing())
    return (await session.exec(select(Account).where(Account.phone == phone))).one()


async def names(session: AsyncSession, account_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The display names of these accounts."""
    statement = select(Account.account_id, Account.display_name).where(col(Account.account_id).in_(account_ids))
    return dict((await session.exec(statement)).all())


async def roles_of(session: AsyncSession, account_id: UUID, now: datetime) -> list[Role]:
    """Everything the account may be now."""
    given = select(AccountRole.role).where(AccountRole.account_id == account_id)
    licensed = select(Licence.role).where(
        Licence.account_id == account_id, Licence.state == State.APPROVED, Licence.end_time > now
    )
    return roles.held((await session.exec(given)).all(), (await session.exec(licensed)).all())


async def any_admin(session: AsyncSession) -> bool:
    """Whether somebody is admin."""
    return (await session.exec(select(AccountRole).where(AccountRole.role == Role.ADMIN).limit(1))).first() is not None


async def give_role(session: AsyncSession, account_id: UUID, role: Role, now: datetime) -> None:
    """Give a role; once more changes nothing."""
    values = AccountRole(account_id=account_id, role=role, create_time=now).model_dump()
    await session.exec(insert(AccountRole).values(**values).on_conflict_do_nothing())


async def second_factor(session: AsyncSession, account_id: UUID) -> SecondFactor | None:
    """The account's second factor, confirmed or not, for this transaction alone: a code is used once."""
    return await session.get(SecondFactor, account_id, with_for_update=True)


async def has_second_factor(session: AsyncSession, account_id: UUID) -> bool:
    """Whether a second factor is confirmed."""
    found = await session.get(SecondFactor, account_id)
    return found is not None and found.confirm_time is not None


async def register_device(
    session: AsyncSession, account_id: UUID, platform: str, push_token: str, name: str, now: datetime
) -> UUID:
    """The device of that push token, now this account's: whoever used the device before gets no more messages there."""
    values = Device(
        device_id=uuid4(),
        account_id=account_id,
        platform=platform,
        push_token=push_token,
        name=name,
        create_time=now,
    ).model_dump()
    statement = insert(Device).values(**values)
    statement = statement.on_conflict_do_update(
        index_elements=["push_token"],
        set_={key: statement.excluded[key] for key in ("account_id", "platform", "name", "create_time")},
    )
    device_id: UUID = (await session.exec(statement.returning(col(Device.device_id)))).scalar_one()
    return device_id


def _unless_deleted(account: Account | None) -> Account | None:
    return account if account is not None and account.delete_time is None else None
