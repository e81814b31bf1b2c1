"""What is to be pushed to devices."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_
from sqlmodel import col, select
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


async def take_waiting(session: AsyncSession, now: datetime, most: int) -> Sequence[PushRow]:
    """Pushes whose time has come, held until the transaction ends; those that another worker holds are left out."""
    statement = (
        select(PushRow)
        .where(col(PushRow.state) == "waiting", col(PushRow.next_try_time) <= now)
        .order_by(col(PushRow.next_try_time))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(statement)).all()


async def forget_old(session: AsyncSession, before: datetime) -> None:
    """Drop what was delivered or given up by then."""
    statement = delete(PushRow).where(col(PushRow.state) != "waiting", col(PushRow.create_time) < before)
    await (await session.connection()).execute(statement)


async def forget_waiting(session: AsyncSession, before: datetime) -> None:
    """Drop what waits since before then, of every patient_id."""
    statement = delete(PushRow).where(col(PushRow.state) == "waiting", col(PushRow.create_time) < before)
    await (await session.connection()).execute(statement)


async def drop_pushes(session: AsyncSession, account: UUID) -> None:
    """Push nothing more to an account, nor about it."""
    await session.exec(
        delete(PushRow).where(
            col(PushRow.state) == "waiting", or_(col(PushRow.account_id) == account, col(PushRow.patient_id) == account)
        )
    )
