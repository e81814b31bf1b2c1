"""Messages to accounts' owners that are still to be sent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.identity.domain.notices import Act
from services.identity.store.tables import Account, OwnerNotice


def add(session: AsyncSession, account: Account, act: Act, now: datetime) -> None:
    """Tell the owner, at the phone of this instant, if the transaction commits."""
    session.add(
        OwnerNotice(
            notice_id=uuid4(),
            phone=account.phone,
            language=account.language,
            act=act,
            create_time=now,
            next_try_time=now,
        )
    )


async def take_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[OwnerNotice]:
    """Return messages that are due, held until the transaction ends; other replicas leave them out."""
    statement = (
        select(OwnerNotice)
        .where(col(OwnerNotice.next_try_time) <= now)
        .order_by(col(OwnerNotice.next_try_time))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(statement)).all()
