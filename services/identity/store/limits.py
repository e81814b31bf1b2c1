"""What was used of the rate limits."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain import limits
from services.identity.domain.limits import Limit
from services.identity.store.tables import RateUse


async def use(session: AsyncSession, limit: Limit, key: str, now: datetime) -> timedelta:
    """Use a limit once at a key: zero, or how long to wait. Waits for others at the same key."""
    statement = insert(RateUse).values(key=key, full_at=now)
    statement = statement.on_conflict_do_update(index_elements=["key"], set_={"key": key})
    full_at: datetime = (await session.exec(statement.returning(col(RateUse.full_at)))).scalar_one()
    used = limits.use(limit, full_at, now)
    await session.exec(update(RateUse).where(col(RateUse.key) == key).values(full_at=used.full_at))
    return used.wait
