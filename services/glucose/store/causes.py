"""The cause that a step names."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.glucose.store.entries import find
from services.glucose.store.tables import AlertRow, TimelineItemRow


async def cause_body(session: AsyncSession, patient: UUID, kind: str, cause: UUID) -> bytes | None:
    """The patient's entry that is not deleted, alert, or item of the timeline, as kept; none: there is none. The kind
    is the field of `Cause`."""
    match kind:
        case "entry_id":
            return await _entry(session, patient, cause)
        case "alert_id":
            return await _alert(session, patient, cause)
        case _:
            return await _item(session, patient, cause)


async def _alert(session: AsyncSession, patient: UUID, alert: UUID) -> bytes | None:
    query = select(AlertRow.body).where(col(AlertRow.patient_id) == patient, col(AlertRow.alert_id) == alert)
    return (await session.exec(query)).one_or_none()


async def _entry(session: AsyncSession, patient: UUID, entry: UUID) -> bytes | None:
    row = await find(session, patient, entry)
    return row.body if row is not None and not row.deleted else None


async def _item(session: AsyncSession, patient: UUID, item: UUID) -> bytes | None:
    query = select(TimelineItemRow.body).where(
        col(TimelineItemRow.patient_id) == patient, col(TimelineItemRow.item_id) == item
    )
    return (await session.exec(query)).one_or_none()
