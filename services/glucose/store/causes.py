"""Whether the cause that a step names is there."""

from uuid import UUID

from apricot.glucose.v1.timeline_pb2 import TimelineItem
from sqlalchemy import exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.glucose.store.tables import EntryRow, TimelineItemRow

_ALERT_STEP = TimelineItem.ALERT_STEP_FIELD_NUMBER


async def cause_exists(session: AsyncSession, patient: UUID, kind: str, cause: UUID) -> bool:
    """Whether it is the patient's: an entry that is not deleted, an alert, or an item of the timeline. The kind is the
    field of `Cause`."""
    match kind:
        case "entry_id":
            return await _has_entry(session, patient, cause)
        case "alert_id":
            return await has_alert(session, patient, cause)
        case _:
            return await _has_item(session, patient, cause)


async def has_alert(session: AsyncSession, patient: UUID, alert: UUID) -> bool:
    """Whether there is that alert: each tells of itself in the timeline when it is raised."""
    query = select(TimelineItemRow.body).where(
        col(TimelineItemRow.patient_id) == patient, col(TimelineItemRow.step) == _ALERT_STEP
    )
    return any(UUID(TimelineItem.FromString(body).alert_step.alert_id) == alert for body in await session.exec(query))


async def _has_entry(session: AsyncSession, patient: UUID, entry: UUID) -> bool:
    found = exists().where(col(EntryRow.patient_id) == patient, col(EntryRow.entry_id) == entry, ~col(EntryRow.deleted))
    return bool((await session.exec(select(found))).one())


async def _has_item(session: AsyncSession, patient: UUID, item: UUID) -> bool:
    found = exists().where(col(TimelineItemRow.patient_id) == patient, col(TimelineItemRow.item_id) == item)
    return bool((await session.exec(select(found))).one())
