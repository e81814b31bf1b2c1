"""Attachments of a consultation: up and down, over broken connections too."""

from typing import TYPE_CHECKING

from apricot.consult.v1.conversation_pb2 import Attachment, DownloadAttachmentRequest, UploadAttachmentRequest

from clients.sdk.calls import Bearer, Calls
from clients.sdk.parts import answer_to, split

if TYPE_CHECKING:
    from apricot.consult.v1.conversation_pb2_grpc import ConversationServiceAsyncStub


async def upload(
    stub: "ConversationServiceAsyncStub", calls: Calls, consultation_id: str, content: bytes, seconds: float
) -> Attachment:
    """The attachment as the platform knows it."""
    parts = [UploadAttachmentRequest(consultation_id=consultation_id, content=part) for part in split(content)]

    async def attempt(metadata: Bearer, timeout: float) -> Attachment:
        return (await answer_to(stub.UploadAttachment(metadata=metadata, timeout=timeout), parts)).attachment

    return await calls.run(attempt, seconds=seconds, repeatable=True)


async def download(
    stub: "ConversationServiceAsyncStub", calls: Calls, consultation_id: str, attachment_id: str, seconds: float
) -> bytes:
    """The attachment's bytes."""
    request = DownloadAttachmentRequest(consultation_id=consultation_id, attachment_id=attachment_id)

    async def attempt(metadata: Bearer, timeout: float) -> bytes:
        stream = stub.DownloadAttachment(request, metadata=metadata, timeout=timeout)
        return b"".join([part.content async for part in stream])

    return await calls.run(attempt, seconds=seconds, repeatable=True)
