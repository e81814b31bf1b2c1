"""Rows that have had their time."""

from datetime import datetime, timedelta

from sqlalchemy import delete as delete_from
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.store.tables import EndedTreatment, OneTimeCode, RateUse, Session

_KEEP = timedelta(days=7)


async def delete(session: AsyncSession, now: datetime) -> None:
    """Delete them. Signing keys, invites, grants and the audit are kept for ever."""
    for table, column, before in (
        (OneTimeCode, col(OneTimeCode.expire_time), now),
        (RateUse, col(RateUse.full_at), now),
        (Session, col(Session.refresh_expire_time), now - _KEEP),
        (EndedTreatment, col(EndedTreatment.end_time), now - _KEEP),
    ):
        await session.exec(delete_from(table).where(column < before))
