"""`apricot.consult.v1.ConversationService`."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from uuid import UUID, uuid4

from apricot.consult.v1 import conversation_pb2 as pb
from apricot.consult.v1.call_pb2 import CALL_STATE_ENDED
from apricot.consult.v1.conversation_pb2 import ConverseRequest, ConverseResponse
from apricot.errors.v1.reason_pb2 import Reason

from kit import paging
from kit.call import Call
from kit.clock import Clock
from kit.database import Database
from kit.errors import ApricotError, invalid_field, not_found
from kit.outbox import Relay
from services.consult.rpc import resume
from services.consult.rpc.attachments import CHUNK_BYTES, Attachments, attachment_message
from services.consult.rpc.items import message_of
from services.consult.rpc.listening import Listening
from services.consult.rpc.looks import Seen, look_at
from services.consult.rpc.participants import Seat, require_seat
from services.consult.rpc.rooms import Rooms
from services.consult.rpc.talk import Talk
from services.consult.store import attachments, messages, presence
from services.consult.store.presence import OpenStream

_JOIN_SECONDS = 10
_MOST_DEVICES = 8
"""Of one account in one conversation."""


class Conversations:
    """What is said in consultations."""

    def __init__(self, database: Database, rooms: Rooms, attachments: Attachments, relay: Relay, clock: Clock) -> None:
        self._database = database
        self._rooms = rooms
        self._attachments = attachments
        self._relay = relay
        self._clock = clock

    async def Converse(self, requests: AsyncIterator[ConverseRequest], call: Call) -> AsyncGenerator[bytes]:
        first = await _first(requests)
        with self._rooms.enter(UUID(first.join.consultation_id)) as room:
            stream_id = uuid4()
            seat, seen, sent = await self._join(first.join, call, stream_id)
            room.begin(seat.consultation.patient_id, seen)
            talk = Talk(self._database, room, call, UUID(first.join.device_id), sent)
            with self._rooms.open(room, talk, _stream(seat, talk.device_id, stream_id)):
                yield _joined(seen, talk.account_id, resume.encode(room.consultation_id, sent))
                listening = Listening(self._database, self._rooms, room, talk, seat).to(requests)
                async with listening, aclosing(talk.updates()) as updates:
                    async for update in updates:
                        yield update

    async def ListMessages(self, request: pb.ListMessagesRequest, call: Call) -> pb.ListMessagesResponse:
        key = paging.decode(request.page_token, request, [int])
        size = paging.page_size(request.page_size)
        async with self._database.transaction() as session:
            seat = await require_seat(session, call, request.consultation_id, self._clock())
            rows = await messages.list_messages(
                session,
                seat.consultation.patient_id,
                seat.consultation.consultation_id,
                behind=key[0] if key else None,
                newest_first=request.newest_first,
                most=size + 1,
            )
        await self._relay.wake()
        response = pb.ListMessagesResponse(
            messages=[message_of(seat.consultation.consultation_id, row) for row in rows[:size]]
        )
        if len(rows) > size:
            response.next_page_token = paging.encode([rows[size - 1].sequence], request)
        return response

    async def UploadAttachment(
        self, requests: AsyncIterator[pb.UploadAttachmentRequest], call: Call
    ) -> pb.UploadAttachmentResponse:
        row = await self._attachments.take_in(requests, call)
        await self._relay.wake()
        return pb.UploadAttachmentResponse(attachment=attachment_message(row))

    async def DownloadAttachment(
        self, request: pb.DownloadAttachmentRequest, call: Call
    ) -> AsyncIterator[pb.DownloadAttachmentResponse]:
        async with self._database.transaction() as session:
            seat = await require_seat(session, call, request.consultation_id, self._clock())
            consultation = seat.consultation
            row = await attachments.find(
                session, consultation.patient_id, consultation.consultation_id, UUID(request.attachment_id)
            )
        await self._relay.wake()
        if row is None:
            raise not_found("attachment")
        content = await self._attachments.content(row)
        yield pb.DownloadAttachmentResponse(attachment=attachment_message(row), content=content[:CHUNK_BYTES])
        for start in range(CHUNK_BYTES, len(content), CHUNK_BYTES):
            yield pb.DownloadAttachmentResponse(content=content[start : start + CHUNK_BYTES])

    async def _join(self, join: pb.Join, call: Call, stream_id: UUID) -> tuple[Seat, Seen, int]:
        """The caller's part, the conversation as it is, and the place up to which the device has it. Errors: NOT_FOUND,
        RATE_LIMITED, INVALID_RESUME_TOKEN."""
        async with self._database.transaction() as session:
            seat = await require_seat(session, call, join.consultation_id, self._clock())
            stream = _stream(seat, UUID(join.device_id), stream_id)
            if await presence.other_devices(session, stream) >= _MOST_DEVICES:
                raise ApricotError(
                    Reason.REASON_RATE_LIMITED,
                    f"at most {_MOST_DEVICES} devices of a person's are in a conversation",
                    metadata={"retry_after_seconds": "10"},
                )
            await presence.enter(session, self._rooms.process_id, stream)
            seen = await look_at(session, stream.patient_id, stream.consultation_id, self._rooms.looks)
            sent = resume.decode(join.resume_token, stream.consultation_id, seen.last_sequence)
        if not seat.is_patient:
            await self._relay.wake()
        return seat, seen, sent


async def _first(requests: AsyncIterator[ConverseRequest]) -> ConverseRequest:
    """The frame that joins. Errors: INVALID_FIELD."""
    try:
        async with asyncio.timeout(_JOIN_SECONDS):
            first = await anext(requests, None)
    except TimeoutError as error:
        raise invalid_field("join", f"comes within {_JOIN_SECONDS} seconds") from error
    if first is None or not first.HasField("join"):
        raise invalid_field("join", "is the first frame")
    return first


def _stream(seat: Seat, device_id: UUID, stream_id: UUID) -> OpenStream:
    consultation = seat.consultation
    return OpenStream(
        consultation.consultation_id, consultation.patient_id, seat.member.account_id, device_id, stream_id
    )


def _joined(seen: Seen, caller: UUID, token: str) -> bytes:
    """The first update; with the call where a look named so finds one. Who is there is what the room knows by now: news
    of somebody who came since the database was asked have been and gone."""
    joined = pb.Joined(consultation=seen.facts["consultation"].update.consultation)
    for member in joined.consultation.members:
        account = UUID(member.account_id)
        member.present = account == caller or account in seen.present
    if "call" in seen.facts and (call := seen.facts["call"].update.call).state != CALL_STATE_ENDED:
        joined.call.CopyFrom(call)
    return ConverseResponse(resume_token=token, joined=joined).SerializeToString()
