"""What a conversation shows beside what is said: the consultation, and whatever else belongs to it now."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from apricot.consult.v1.consultation_pb2 import Consultation
from apricot.consult.v1.conversation_pb2 import ConverseResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.errors import not_found
from services.consult.store.consultation_bodies import consultation_message
from services.consult.store.conversations import find_standing
from services.consult.store.members import members_of
from services.consult.store.presence import present_accounts
from services.consult.store.tables import ConsultationRow

type Look = Callable[[AsyncSession, ConsultationRow], Awaitable[ConverseResponse | None]]
"""Reads something that belongs to a consultation, to be sent to each device whenever it is another than before; None:
there is nothing of it now."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to show when it is another than before."""

    compared: bytes
    update: ConverseResponse


@dataclass
class Seen:
    """A conversation as it is, apart from what is said."""

    last_sequence: int = 0
    standing: int = 0
    """See `store.conversations.Figures`."""
    receipts: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    """Of each member: delivered and read."""
    present: frozenset[UUID] = frozenset()
    facts: dict[str, Fact] = field(default_factory=dict)
    """The consultation, and what each look found."""


async def look_at(session: AsyncSession, patient_id: UUID, consultation_id: UUID, looks: Mapping[str, Look]) -> Seen:
    """A conversation as it is now. Errors: NOT_FOUND."""
    found = await find_standing(session, patient_id, consultation_id)
    if found is None:
        raise not_found("consultation")
    row, standing = found
    members = await members_of(session, patient_id, consultation_id)
    present = await present_accounts(session, patient_id, consultation_id)
    facts = {"consultation": _consultation_fact(consultation_message(row, members, present=present))}
    for name, look in looks.items():
        if (update := await look(session, row)) is not None:
            facts[name] = Fact(update.SerializeToString(deterministic=True), update)
    return Seen(
        last_sequence=row.last_sequence,
        standing=standing,
        receipts={member.account_id: (member.delivered_sequence, member.read_sequence) for member in members},
        present=frozenset(present),
        facts=facts,
    )


def _consultation_fact(consultation: Consultation) -> Fact:
    """Compared without what other updates tell of."""
    bare = Consultation()
    bare.CopyFrom(consultation)
    bare.ClearField("last_sequence")
    bare.ClearField("update_time")
    for member in bare.members:
        member.ClearField("delivered_sequence")
        member.ClearField("read_sequence")
        member.ClearField("present")
    return Fact(bare.SerializeToString(deterministic=True), ConverseResponse(consultation=consultation))
