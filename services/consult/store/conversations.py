"""What was said in conversations, and how far they have come. Each query carries the patient."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, literal_column
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.database import Database
from kit.sealing import SealingKeys
from services.consult.store.consultation_tables import ConsultationRow
from services.consult.store.conversation_tables import content_column

_AFTER = """
with place as (
  select last_sequence from consultation where patient_id = $1 and consultation_id = $2
), said as (
  (select sequence, sender_id, device_id, client_id, create_time, content, null::uuid as call_id from message
  where patient_id = $1 and consultation_id = $2 and sequence > $3 order by sequence limit $4)
  union all
  (select sequence, sender_id, device_id, client_id, create_time, content, call_id from signal
  where patient_id = $1 and consultation_id = $2 and sequence > $3 order by sequence limit $4)
)
select last_sequence, said.* from place left join said on true order by sequence limit $4
"""
_FIGURES = """
select consultation.consultation_id, last_sequence, standing(consultation),
  (select sum(delivered_sequence + read_sequence + 1)::bigint from member
   where member.consultation_id = consultation.consultation_id),
  array(select account_id from present_device where present_device.consultation_id = consultation.consultation_id)
from consultation where (consultation_id, patient_id) in (select * from unnest($1::uuid[], $2::uuid[]))
"""


@dataclass(frozen=True, slots=True)
class SaidRow:
    """A message, or a signal, in the order of the conversation."""

    sequence: int
    sender_id: UUID | None
    device_id: UUID | None
    client_id: UUID
    create_time: datetime
    content: bytes
    call_id: UUID | None
    """Of a signal."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How far a conversation is, to tell whether anything of it has changed."""

    last_sequence: int
    standing: int
    """Another number when the consultation has changed."""
    receipts: int
    """The sum of all members' delivered and read places, which only grow, and the number of members."""
    present: frozenset[UUID]
    """Of whom a device is there."""


async def said_after(
    database: Database, patient_id: UUID, consultation_id: UUID, sequence: int, most: int
) -> tuple[list[SaidRow], int]:
    """What was said behind this place, in order; and up to which place that is everything."""
    async with database.connection() as connection:
        rows = await connection.fetch(_AFTER, patient_id, consultation_id, sequence, most)
    said = [_opened(SaidRow(*row[1:]), database.sealing) for row in rows if row["sequence"] is not None]
    if len(said) == most:
        return said, said[-1].sequence
    return said, rows[0]["last_sequence"] if rows else sequence


def _opened(said: SaidRow, keys: SealingKeys) -> SaidRow:
    return replace(said, content=keys.open(content_column(said.call_id), said.content))


async def figures(database: Database, conversations: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Figures]:
    """Of these conversations, each named with its patient_id."""
    async with database.connection() as connection:
        rows = await connection.fetch(_FIGURES, *zip(*conversations, strict=True))
    return {row[0]: Figures(row[1], row[2], row[3] or 0, frozenset(row[4])) for row in rows}


async def find_standing(
    session: AsyncSession, patient_id: UUID, consultation_id: UUID
) -> tuple[ConsultationRow, int] | None:
    """A consultation as it stands, with the figure of it."""
    statement = select(ConsultationRow, literal_column("standing(consultation)", BigInteger)).where(
        col(ConsultationRow.consultation_id) == consultation_id, col(ConsultationRow.patient_id) == patient_id
    )
    found = (await session.exec(statement)).first()
    return (found[0], found[1]) if found else None
