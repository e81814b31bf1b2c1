"""What is to be pushed to devices."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.glucose.store.tables import PushRow


def add_pushes(
    session: AsyncSession,
    accounts: Iterable[UUID],
    *,
    patient: UUID,
    kind: str,
    reference: UUID,
    urgent: bool,
    now: datetime,
) -> None:
    """Push to each account's devices if, and only if, the session's transaction commits."""
    for account in accounts:
        session.add(
            PushRow(
                patient_id=patient,
                account_id=account,
                kind=kind,
                reference_id=reference,
                urgent=urgent,
                create_time=now,
                next_try_time=now,
            )
        )


async def drop_pushes(session: AsyncSession, account: UUID) -> None:
    """Push nothing more to an account, nor about it."""
    await session.exec(
        delete(PushRow).where(
            col(PushRow.state) == "waiting", or_(col(PushRow.account_id) == account, col(PushRow.patient_id) == account)
        )
    )
