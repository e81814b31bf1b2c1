"""Rows as an older release writes them: without blind indexes, and with open birth dates."""

from sqlalchemy import ColumnElement, literal
from sqlmodel import SQLModel, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.sealed import keys_of
from services.identity.store.tables import Account, Device, Licence

_ROWS = 200


async def some(session: AsyncSession) -> list[SQLModel]:
    """Some of them, for this transaction alone, but none that somebody holds."""
    found = list[SQLModel]()
    for table, is_older in _tables(session):
        query = select(table).where(is_older).limit(_ROWS).with_for_update(skip_locked=True)
        found += (await session.exec(query)).all()
    return found


async def are_left(session: AsyncSession) -> bool:
    """Whether there are any, whoever holds them."""
    for table, is_older in _tables(session):
        if (await session.exec(select(literal(1)).select_from(table).where(is_older).limit(1))).first():
            return True
    return False


def _tables(session: AsyncSession) -> list[tuple[type[SQLModel], ColumnElement[bool]]]:
    """Where they may be, and which they are. An account that an older release has deleted still has its index."""
    account = col(Account.phone_index).is_(None) == col(Account.delete_time).is_(None)
    if keys_of(session).first:
        account = or_(account, col(Account.birth_date).is_not(None))
    device, licence = col(Device.push_token_index).is_(None), col(Licence.number_index).is_(None)
    return [(Account, account), (Device, device), (Licence, licence)]
