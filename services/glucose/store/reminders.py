"""Queries on reminders that are due."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.glucose.store.plan_tables import PlanRow, ReminderRow


async def claim_due(session: AsyncSession, now: datetime, most: int) -> Sequence[tuple[ReminderRow, PlanRow]]:
    """Reminders whose time has come, with their plans; nobody else gets them until the transaction ends."""
    query = (
        select(ReminderRow, PlanRow)
        .join(
            PlanRow,
            (col(PlanRow.patient_id) == ReminderRow.patient_id)
            & (col(PlanRow.plan_id) == ReminderRow.plan_id)
            & (col(PlanRow.revision) == ReminderRow.revision),
        )
        .where(col(ReminderRow.due_time) <= now)
        .order_by(col(ReminderRow.due_time))
        .limit(most)
        .with_for_update(of=ReminderRow, skip_locked=True)
    )
    return (await session.exec(query)).all()


async def drop_reminder(session: AsyncSession, patient: UUID) -> None:
    """Remind this patient_id of nothing more."""
    await session.exec(delete(ReminderRow).where(col(ReminderRow.patient_id) == patient))
