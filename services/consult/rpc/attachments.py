"""Attachments: taken in, kept, and given out again."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from uuid import uuid4

import structlog
from apricot.consult.v1 import conversation_pb2 as pb
from apricot.consult.v1.consultation_pb2 import CONSULTATION_STATE_ACTIVE, CONSULTATION_STATE_WAITING
from apricot.errors.v1.reason_pb2 import Reason

from kit import pdfs, pictures
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, invalid_field, not_found
from kit.objects import Objects
from kit.times import to_timestamp
from kit.uploads import Uploads
from services.consult.domain import attachments as rules
from services.consult.domain.attachments import Format, Kind, NotSupportedError
from services.consult.rpc.participants import Seat, require_seat
from services.consult.store import attachments as store
from services.consult.store.members import find_seat
from services.consult.store.tables import AttachmentRow

log = structlog.get_logger()

CHUNK_BYTES = 256 << 10
_PICTURES_AT_ONCE = 2
_HEAD_BYTES = 64
_KINDS = {
    Kind.PICTURE: pb.ATTACHMENT_KIND_PICTURE,
    Kind.VOICE_NOTE: pb.ATTACHMENT_KIND_VOICE_NOTE,
    Kind.DOCUMENT: pb.ATTACHMENT_KIND_DOCUMENT,
}


class Attachments:
    """What is uploaded into consultations."""

    def __init__(self, database: Database, objects: Objects, clock: Clock) -> None:
        self._database = database
        self._objects = objects
        self._clock = clock
        self._uploads = Uploads()
        self._opening = asyncio.Semaphore(_PICTURES_AT_ONCE)

    async def take_in(self, requests: AsyncIterator[pb.UploadAttachmentRequest], call: Call) -> AttachmentRow:
        """One upload, to its end. Errors: NOT_FOUND, WRONG_STATE, MEDIA_NOT_SUPPORTED, TOO_LARGE, RATE_LIMITED."""
        first = await anext(requests, None)
        if first is None:
            raise NotSupportedError("no bytes came")
        async with self._database.transaction() as session:
            seat = await require_seat(session, call, first.consultation_id, self._clock())
        _check_state(seat)
        with self._uploads.counted(call.caller.account_id):
            format_, content = await _received(first, requests)
            return await self._keep(seat, format_, content)

    async def content(self, row: AttachmentRow) -> bytes:
        """An attachment's bytes. Errors: INTERNAL when they are not what was stored."""
        key = store.object_key(row.consultation_id, row.attachment_id)
        content = await self._objects.get(key)
        if content is None or hashlib.sha256(content).digest() != row.sha256:
            log.error("an attachment is damaged", attachment_id=str(row.attachment_id), is_there=content is not None)
            raise ApricotError(Reason.REASON_INTERNAL, "the attachment is damaged")
        return content

    async def _keep(self, seat: Seat, format_: Format, content: bytes) -> AttachmentRow:
        consultation, uploader = seat.consultation, seat.member.account_id
        source_sha256 = hashlib.sha256(content).digest()
        async with self._database.transaction() as session:
            found = await store.find_same(
                session, consultation.patient_id, consultation.consultation_id, uploader, source_sha256
            )
        if found is not None:
            return found
        width_pixels = height_pixels = 0
        if format_.kind is Kind.PICTURE:
            async with self._opening:
                picture = await pictures.made_anew(content)
            content, width_pixels, height_pixels = picture.content, picture.width_pixels, picture.height_pixels
        elif format_.kind is Kind.DOCUMENT:
            async with self._opening:
                content = await pdfs.made_anew(content)
        row = AttachmentRow(
            consultation_id=consultation.consultation_id,
            attachment_id=uuid4(),
            patient_id=consultation.patient_id,
            uploader_id=uploader,
            kind=_KINDS[format_.kind],
            media_type=format_.media_type,
            size_bytes=len(content),
            source_sha256=source_sha256,
            sha256=hashlib.sha256(content).digest(),
            width_pixels=width_pixels,
            height_pixels=height_pixels,
            create_time=self._clock(),
        )
        key = store.object_key(row.consultation_id, row.attachment_id)
        async with self._database.transaction() as session:
            store.note_upload(session, key, row.patient_id, row.create_time)
        await self._objects.put(key, content)
        async with self._database.transaction() as session:
            now = await find_seat(session, row.consultation_id, uploader, lock=True)
            if now is None:
                raise not_found("consultation")
            _check_state(Seat(*now))
            return await store.add(session, row, key)


def attachment_message(row: AttachmentRow) -> pb.Attachment:
    """An attachment as the contract has it."""
    return pb.Attachment(
        attachment_id=str(row.attachment_id),
        kind=pb.AttachmentKind.ValueType(row.kind),
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256.hex(),
        uploader_id=str(row.uploader_id),
        create_time=to_timestamp(row.create_time),
        width_pixels=row.width_pixels,
        height_pixels=row.height_pixels,
    )


def _check_state(seat: Seat) -> None:
    """The patient may add to the own question while it waits. Errors: WRONG_STATE."""
    state = seat.consultation.state
    if state != CONSULTATION_STATE_ACTIVE and not (state == CONSULTATION_STATE_WAITING and seat.is_patient):
        raise ApricotError(Reason.REASON_WRONG_STATE, "the consultation takes no more of this")


async def _received(
    first: pb.UploadAttachmentRequest, further: AsyncIterator[pb.UploadAttachmentRequest]
) -> tuple[Format, bytes]:
    """The bytes to the end of the stream, and what they are; cut off as soon as they are nothing that is taken, or too
    many. Errors: MEDIA_NOT_SUPPORTED, TOO_LARGE."""
    content = bytearray()
    format_ = _take(content, None, first.content)
    async for part in further:
        if part.consultation_id != first.consultation_id:
            raise invalid_field("consultation_id", "is the same in every part of one stream")
        format_ = _take(content, format_, part.content)
    format_ = format_ or rules.claimed(bytes(content), whole=True)
    if format_ is None:
        raise NotSupportedError("too little to tell what it is")
    whole = bytes(content)
    rules.check_whole(format_, whole)
    return format_, whole


def _take(content: bytearray, format_: Format | None, part: bytes) -> Format | None:
    content += part
    format_ = format_ or rules.claimed(bytes(content[:_HEAD_BYTES]))
    if format_ is not None and len(content) > format_.most_bytes:
        raise ApricotError(Reason.REASON_TOO_LARGE, f"a {format_.kind.value} has at most {format_.most_bytes} bytes")
    return format_
