"""What is to be pushed to devices."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

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
