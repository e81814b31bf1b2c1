"""What a member says, checked: by the contract's rules, and by who may say what."""

from uuid import UUID

from apricot.access.v1.access_pb2 import SCOPE_GLUCOSE_READ, SCOPE_PLAN_READ, SCOPE_REPORT_READ
from apricot.consult.v1.conversation_pb2 import (
    ATTACHMENT_KIND_DOCUMENT,
    ATTACHMENT_KIND_PICTURE,
    ATTACHMENT_KIND_VOICE_NOTE,
    AttachmentKind,
    Card,
    MessageContent,
    Send,
    SendSignal,
)

from kit import validation
from kit.database import Database
from kit.errors import invalid_field, not_found
from kit.times import to_datetime
from services.consult.domain import talk as rules
from services.consult.domain.talk import Pointer
from services.consult.rpc.participants import Seat
from services.consult.store import attachments
from services.consult.store.conversation_log import Said

_POINTERS = {
    "reading_window": Pointer.READINGS,
    "report_window": Pointer.REPORT,
    "plan": Pointer.PLAN,
    "prescription_id": Pointer.PRESCRIPTION,
}
_SHARED: dict[int, Pointer] = {
    SCOPE_GLUCOSE_READ: Pointer.READINGS,
    SCOPE_REPORT_READ: Pointer.REPORT,
    SCOPE_PLAN_READ: Pointer.PLAN,
}


async def message(database: Database, seat: Seat, device_id: UUID, send: Send) -> Said:
    """A message that may be added. Errors: INVALID_FIELD, NOT_ALLOWED (the patient does not share what a card points
    to), NOT_FOUND (no such attachment of that kind)."""
    validation.validate(send)
    content = send.content
    match content.WhichOneof("content"):
        case "notice":
            raise invalid_field("content.notice", "is the platform's to tell")
        case "card":
            _check_card(seat, content.card)
    if (named := _named_attachment(content)) is not None:
        consultation = seat.consultation
        async with database.transaction() as session:
            found = await attachments.find(
                session, consultation.patient_id, consultation.consultation_id, UUID(named[0])
            )
        if found is None or found.kind != named[1]:
            raise not_found("attachment of that kind")
    return Said(
        consultation_id=seat.consultation.consultation_id,
        sender_id=seat.member.account_id,
        device_id=device_id,
        client_id=UUID(send.client_id),
        content=content.SerializeToString(deterministic=True),
        while_waiting=seat.is_patient,
    )


def signal(seat: Seat, device_id: UUID, send: SendSignal) -> Said:
    """A call's signal that may be added. Errors: INVALID_FIELD."""
    validation.validate(send)
    return Said(
        consultation_id=seat.consultation.consultation_id,
        sender_id=seat.member.account_id,
        device_id=device_id,
        client_id=UUID(send.client_id),
        content=send.signal.SerializeToString(deterministic=True),
        call_id=UUID(send.signal.call_id),
    )


def _check_card(seat: Seat, card: Card) -> None:
    kind = card.WhichOneof("card") or ""
    if kind in ("reading_window", "report_window"):
        window = getattr(card, kind)
        rules.check_window(to_datetime(window.start_time), to_datetime(window.end_time))
    shared = {_SHARED[scope] for scope in seat.consultation.shared_scopes if scope in _SHARED}
    rules.check_pointer(_POINTERS[kind], shared, by_patient=seat.is_patient)


def _named_attachment(content: MessageContent) -> tuple[str, AttachmentKind.ValueType] | None:
    match content.WhichOneof("content"):
        case "picture_attachment_id":
            return content.picture_attachment_id, ATTACHMENT_KIND_PICTURE
        case "voice_note":
            return content.voice_note.attachment_id, ATTACHMENT_KIND_VOICE_NOTE
        case "document_attachment_id":
            return content.document_attachment_id, ATTACHMENT_KIND_DOCUMENT
        case _:
            return None
