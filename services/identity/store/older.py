"""Rows as an older release writes them: without blind indexes, and with open birth dates."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import SQLModel, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.sealed import keys_of
from services.identity.store.tables import Account, Device, Licence

_ROWS = 200


async def rows(session: AsyncSession) -> Sequence[Account | Device | Licence]:
    """Some of them, for this transaction alone; one that somebody holds waits for the next time. An account that an
    older release has deleted still has its index."""
    account = col(Account.phone_index).is_(None) == col(Account.delete_time).is_(None)
    if keys_of(session).first:
        account = or_(account, col(Account.birth_date).is_not(None))
    return [
        *await _some(session, Account, account),
        *await _some(session, Device, col(Device.push_token_index).is_(None)),
        *await _some(session, Licence, col(Licence.number_index).is_(None)),
    ]


async def _some[T: SQLModel](session: AsyncSession, table: type[T], is_older: ColumnElement[bool]) -> Sequence[T]:
    return (await session.exec(select(table).where(is_older).limit(_ROWS).with_for_update(skip_locked=True))).all()
