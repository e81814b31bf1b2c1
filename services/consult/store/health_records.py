"""Health records. Each query carries the patient."""

from collections.abc import Sequence
from uuid import UUID

from apricot.consult.v1.health_record_pb2 import HealthFacts, HealthRecord, RecordSource
from sqlalchemy import BigInteger, literal, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.times import to_datetime, to_timestamp
from services.consult.store.prescription_tables import HealthRecordRow


async def lock(session: AsyncSession, patient: UUID) -> None:
    """What is known of a patient, and prescribed, does not change meanwhile: to the end of the transaction."""
    key = {"key": f"medicines of patient_id {patient}"}
    await (await session.connection()).execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)


async def newest(session: AsyncSession, patient: UUID) -> HealthRecord:
    """The newest revision; where nothing was ever recorded one that says so."""
    query = select(HealthRecordRow).where(HealthRecordRow.patient_id == patient)
    row = (await session.exec(query.order_by(col(HealthRecordRow.revision).desc()).limit(1))).one_or_none()
    return record_message(row) if row is not None else HealthRecord(patient_id=str(patient), facts=HealthFacts())


async def page(session: AsyncSession, patient: UUID, before: int | None, limit: int) -> Sequence[HealthRecordRow]:
    """Return at most `limit` revisions, newest first: all, or those before a revision."""
    query = select(HealthRecordRow).where(HealthRecordRow.patient_id == patient)
    if before is not None:
        query = query.where(col(HealthRecordRow.revision) < literal(before, BigInteger))
    return (await session.exec(query.order_by(col(HealthRecordRow.revision).desc()).limit(limit))).all()


def add(session: AsyncSession, old: HealthRecord, facts: HealthFacts, author: RecordSource) -> HealthRecord:
    """Write the next revision and return it."""
    row = HealthRecordRow(
        patient_id=UUID(old.patient_id),
        revision=old.revision + 1,
        author_id=UUID(author.account_id),
        author_name=author.display_name,
        create_time=to_datetime(author.record_time),
        facts=facts.SerializeToString(),
    )
    session.add(row)
    return record_message(row)


def record_message(row: HealthRecordRow) -> HealthRecord:
    """A revision of a health record."""
    return HealthRecord(
        patient_id=str(row.patient_id),
        revision=row.revision,
        facts=HealthFacts.FromString(row.facts),
        author_id=str(row.author_id),
        create_time=to_timestamp(row.create_time),
        author_name=row.author_name,
    )
