"""Accounts that are gone."""

from datetime import datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.errors import ApricotError
from services.consult.store.account_tables import ClosedAccountRow


async def note(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    """Record that an account is gone."""
    await session.exec(insert(ClosedAccountRow).values(account_id=account_id, delete_time=now).on_conflict_do_nothing())


async def require_account(session: AsyncSession, account_id: UUID) -> None:
    """Return while the account exists. Call it behind the account's lock, which the deletion takes too.
    Errors: SESSION_ENDED."""
    if await session.get(ClosedAccountRow, account_id) is not None:
        raise ApricotError(Reason.REASON_SESSION_ENDED, "the account was deleted")
