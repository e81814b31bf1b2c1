"""Queries on attachments. Each carries the patient."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.consult.store.tables import AttachmentRow


async def attachment_ids(session: AsyncSession, patient_id: UUID, consultation_id: UUID) -> set[UUID]:
    """Everything that was uploaded into a consultation."""
    statement = select(AttachmentRow.attachment_id).where(
        col(AttachmentRow.consultation_id) == consultation_id, col(AttachmentRow.patient_id) == patient_id
    )
    return set((await session.exec(statement)).all())


async def find(
    session: AsyncSession, patient_id: UUID, consultation_id: UUID, attachment_id: UUID
) -> AttachmentRow | None:
    """One of a consultation's attachments."""
    statement = select(AttachmentRow).where(
        col(AttachmentRow.consultation_id) == consultation_id,
        col(AttachmentRow.attachment_id) == attachment_id,
        col(AttachmentRow.patient_id) == patient_id,
    )
    return (await session.exec(statement)).one_or_none()
