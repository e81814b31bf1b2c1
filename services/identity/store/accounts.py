"""Accounts, their roles, second factors and devices."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from heapq import nsmallest
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from kit.sealed import keys_of
from services.identity.domain import roles
from services.identity.domain.indexed import Indexed
from services.identity.domain.licences import State
from services.identity.domain.roles import Role
from services.identity.store.sealed import keeps
from services.identity.store.tables import Account, AccountRole, Device, Licence, SecondFactor


async def by_id(session: AsyncSession, account_id: UUID) -> Account | None:
    """The account of that id, unless it is deleted."""
    return _unless_deleted(await session.get(Account, account_id))


async def by_id_locked(session: AsyncSession, account_id: UUID) -> Account | None:
    """The same, for this transaction alone."""
    return _unless_deleted(await session.get(Account, account_id, with_for_update=True))


async def by_phone(session: AsyncSession, phone: Indexed) -> Account | None:
    """The account of that phone."""
    return (await session.exec(_of(phone))).one_or_none()


async def of_phone(session: AsyncSession, phone: Indexed, now: datetime) -> Account:
    """The account of that phone, made now when there is none. Of two at once, one makes it."""
    new = Account(account_id=uuid4(), phone=phone.value, phone_index=phone.index, create_time=now)
    make = insert(Account).values(**new.model_dump()).on_conflict_do_nothing().returning(Account)
    found = await by_phone(session, phone) or (await session.exec(make)).scalar_one_or_none()
    return found or (await session.exec(_of(phone))).one()


def born(row: Any) -> date | None:
    """The birth date in an account's row."""
    return date.fromisoformat(row.sealed_birth_date) if row.sealed_birth_date else row.birth_date


def set_birth_date(session: AsyncSession, account: Account, born: date | None) -> None:
    """Change it; while keys do not seal, where an older release reads it."""
    sealed = bool(keys_of(session).first)
    account.birth_date = None if sealed else born
    account.sealed_birth_date = born.isoformat() if sealed and born else None


async def names(session: AsyncSession, account_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The display names of these accounts."""
    statement = select(Account.account_id, Account.display_name).where(col(Account.account_id).in_(account_ids))
    return dict((await session.exec(statement)).all())


async def page_by_name[Row: Any](
    session: AsyncSession, rows: Iterable[Row], after: UUID | None, size: int
) -> list[Row]:
    """Of rows with `account_id` and `display_name` the first ones, by name, behind an account: sealed, names have no
    order in the database."""
    if after is not None:
        last = await session.get(Account, after)
        rows = [row for row in rows if last is not None and _by_name(row) > _by_name(last)]
    return nsmallest(size, rows, key=_by_name)


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


async def take_role(session: AsyncSession, account_id: UUID, role: Role) -> bool:
    """Take a role away; return whether the account had it."""
    found = await session.get(AccountRole, (account_id, role))
    if found is not None:
        await session.delete(found)
    return found is not None


async def second_factor(session: AsyncSession, account_id: UUID) -> SecondFactor | None:
    """The account's second factor, confirmed or not, for this transaction alone: a code is used once."""
    return await session.get(SecondFactor, account_id, with_for_update=True)


async def remove_second_factor(session: AsyncSession, account_id: UUID) -> None:
    """Delete the account's second factor."""
    await session.exec(delete(SecondFactor).where(col(SecondFactor.account_id) == account_id))


async def has_second_factor(session: AsyncSession, account_id: UUID) -> bool:
    """Whether a second factor is confirmed."""
    found = await session.get(SecondFactor, account_id)
    return found is not None and found.confirm_time is not None


async def register_device(
    session: AsyncSession, account_id: UUID, platform: str, push_token: Indexed, name: str, now: datetime
) -> UUID:
    """The device of that push token, now this account's: whoever used the device before gets no more messages there."""
    new = Device(
        device_id=uuid4(),
        account_id=account_id,
        platform=platform,
        push_token=push_token.value,
        push_token_index=push_token.index,
        name=name,
        create_time=now,
    )
    is_it = keeps(Device.push_token, Device.push_token_index, push_token)
    change = update(Device).where(is_it).values(new.model_dump(exclude={"device_id"})).returning(col(Device.device_id))
    make = insert(Device).values(**new.model_dump()).on_conflict_do_nothing().returning(col(Device.device_id))
    found = (await session.exec(change)).scalar_one_or_none() or (await session.exec(make)).scalar_one_or_none()
    device_id: UUID = found or (await session.exec(change)).scalar_one()
    return device_id


def _of(phone: Indexed) -> SelectOfScalar[Account]:
    is_its = keeps(Account.phone, Account.phone_index, phone)
    return select(Account).where(col(Account.delete_time).is_(None), is_its)


def _by_name(row: Any) -> tuple[str, UUID]:
    return row.display_name, row.account_id


def _unless_deleted(account: Account | None) -> Account | None:
    return account if account is not None and account.delete_time is None else None
