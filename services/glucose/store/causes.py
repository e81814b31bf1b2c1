"""Whether the cause that a step names is there."""

from uuid import UUID

from sqlalchemy import exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.glucose.store.tables import AlertRow, EntryRow, TimelineItemRow


async def cause_exists(session: AsyncSession, patient: UUID, kind: str, cause: UUID) -> bool:
    """Whether it is the patient's: an entry that is not deleted, an alert, or an item of the timeline. The kind is the
    field of `Cause`."""
    match kind:
        case "entry_id":
            return await _has_entry(session, patient, cause)
        case "alert_id":
            return await _has_alert(session, patient, cause)
        case _:
            return await _has_item(session, patient, cause)


async def _has_alert(session: AsyncSession, patient: UUID, alert: UUID) -> bool:
    found = exists().where(col(AlertRow.patient_id) == patient, col(AlertRow.alert_id) == alert)
    return bool((await session.exec(select(found))).one())


async def _has_entry(session: AsyncSession, patient: UUID, entry: UUID) -> bool:
    found = exists().where(col(EntryRow.patient_id) == patient, col(EntryRow.entry_id) == entry, ~col(EntryRow.deleted))
    return bool((await session.exec(select(found))).one())


async def _has_item(session: AsyncSession, patient: UUID, item: UUID) -> bool:
    found = exists().where(col(TimelineItemRow.patient_id) == patient, col(TimelineItemRow.item_id) == item)
    return bool((await session.exec(select(found))).one())
