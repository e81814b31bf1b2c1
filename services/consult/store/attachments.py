"""Queries on attachments. Each carries the patient."""

from datetime import datetime
from uuid import UUID

from apricot.errors.v1.reason_pb2 import Reason
from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.errors import ApricotError
from services.consult.store.tables import AttachmentRow, AttachmentUploadRow


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


async def find_same(
    session: AsyncSession, patient_id: UUID, consultation_id: UUID, uploader_id: UUID, source_sha256: bytes
) -> AttachmentRow | None:
    """What the uploader has made of the same bytes before."""
    statement = select(AttachmentRow).where(
        col(AttachmentRow.consultation_id) == consultation_id,
        col(AttachmentRow.uploader_id) == uploader_id,
        col(AttachmentRow.source_sha256) == source_sha256,
        col(AttachmentRow.patient_id) == patient_id,
    )
    return (await session.exec(statement)).one_or_none()


def object_key(consultation_id: UUID, attachment_id: UUID) -> str:
    """Where an attachment's bytes lie in the object store."""
    return f"attachments/{consultation_id}/{attachment_id}"


def note_upload(session: AsyncSession, key: str, patient_id: UUID, now: datetime) -> None:
    """Before an object is stored: should no attachment come of it, it is removed."""
    session.add(AttachmentUploadRow(object_key=key, patient_id=patient_id, create_time=now))


async def add(session: AsyncSession, row: AttachmentRow, key: str) -> AttachmentRow:
    """The new attachment, whose object is stored; or that of the same bytes, which came meanwhile. Errors: UNAVAILABLE
    (its object took so long that it is removed)."""
    earlier = await find_same(session, row.patient_id, row.consultation_id, row.uploader_id, row.source_sha256)
    if earlier is not None:
        return earlier
    statement = delete(AttachmentUploadRow).where(
        col(AttachmentUploadRow.object_key) == key, col(AttachmentUploadRow.patient_id) == row.patient_id
    )
    if (await session.exec(statement)).rowcount == 0:
        raise ApricotError(Reason.REASON_UNAVAILABLE, "the upload took too long")
    session.add(row)
    await session.flush()
    return row


async def take_abandoned(session: AsyncSession, before: datetime) -> list[str]:
    """Forget uploads that became no attachment by then, of every patient_id, at most 100; the keys of their objects, to
    be deleted before the commit."""
    statement = (
        select(AttachmentUploadRow)
        .where(col(AttachmentUploadRow.create_time) < before)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.exec(statement)).all()
    for row in rows:
        await session.delete(row)
    return [row.object_key for row in rows]
