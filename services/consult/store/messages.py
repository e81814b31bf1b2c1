"""What is said in consultations: an order for each, that the database gives."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from apricot.consult.v1.conversation_pb2 import MessageContent, Notice, NoticeKind
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.sealed import keys_of
from services.consult.store.conversation_tables import MESSAGE_CONTENT, MessageRow

_ADD = text(
    "with place as ("
    " update consultation set last_sequence = last_sequence + 1, update_time = :now"
    " where consultation_id = :consultation_id and patient_id = :patient_id returning last_sequence) "
    "insert into message"
    " (consultation_id, sequence, patient_id, sender_id, device_id, client_id, create_time, content) "
    "select :consultation_id, last_sequence, :patient_id, :sender_id, :device_id, :client_id, :now, :content"
    " from place returning sequence"
)
"""Whoever adds waits for the one before: places are given in the order of commits, without gaps."""


async def add_message(
    session: AsyncSession,
    patient_id: UUID,
    consultation_id: UUID,
    content: MessageContent,
    now: datetime,
    *,
    sender_id: UUID | None = None,
    device_id: UUID | None = None,
    client_id: UUID | None = None,
) -> int:
    """A message at the next place; from the platform where no sender is named. Errors: a unique violation where the
    sender's `client_id` was used before."""
    parameters = {
        "consultation_id": consultation_id,
        "patient_id": patient_id,
        "sender_id": sender_id,
        "device_id": device_id,
        "client_id": client_id or uuid4(),
        "now": now,
        "content": keys_of(session).seal(MESSAGE_CONTENT, content.SerializeToString()),
    }
    sequence: int = (await (await session.connection()).execute(_ADD, parameters)).scalar_one()
    return sequence


async def add_notice(
    session: AsyncSession,
    patient_id: UUID,
    consultation_id: UUID,
    kind: NoticeKind.ValueType,
    now: datetime,
    *,
    account_id: UUID | None = None,
    object_id: UUID | None = None,
    duration_seconds: int = 0,
) -> int:
    """The platform tells in the conversation what happened."""
    notice = Notice(
        kind=kind,
        account_id=str(account_id or ""),
        object_id=str(object_id or ""),
        duration_seconds=duration_seconds,
    )
    return await add_message(session, patient_id, consultation_id, MessageContent(notice=notice), now)


async def list_messages(
    session: AsyncSession,
    patient_id: UUID,
    consultation_id: UUID,
    *,
    behind: int | None,
    newest_first: bool,
    most: int,
) -> Sequence[MessageRow]:
    """What was said, in the order asked for, behind a place."""
    sequence = col(MessageRow.sequence)
    statement = select(MessageRow).where(
        col(MessageRow.consultation_id) == consultation_id, col(MessageRow.patient_id) == patient_id
    )
    if behind is not None:
        statement = statement.where(sequence < behind if newest_first else sequence > behind)
    statement = statement.order_by(sequence.desc() if newest_first else sequence).limit(most)
    return (await session.exec(statement)).all()
