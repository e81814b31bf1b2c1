"""As many uploads at once as a replica takes, each as large as may be: it stays within its pod's memory."""

import asyncio

import grpc
import pytest
from apricot.consult.v1.conversation_pb2 import UploadAttachmentRequest, UploadAttachmentResponse
from apricot.consult.v1.conversation_pb2_grpc import ConversationServiceStub
from apricot.errors.v1.reason_pb2 import Reason

from clients.sdk import ApricotError
from kit.database import Database
from stack.platform import Platform
from tests.consult.talk.arranged import Arranged, arranged
from tests.consult.talk.sounds import pdf
from tests.faults.load import until
from tests.people import People
from tests.pods import memory_bytes, memory_limit_bytes

type Upload = "grpc.aio.StreamUnaryCall[UploadAttachmentRequest, UploadAttachmentResponse]"

_UPLOADS_OF_ONE, _MOST = 4, 32
_PART, _PARTS = bytes(256 << 10), 79
"""So many, and a document's beginning, are just below the 20 MiB that it may have."""


async def test_a_replica_full_of_uploads_stays_below_its_limit(wounded: Platform, folk: People) -> None:
    database = Database(wounded.database_url, "consult", wounded.sealing_keys("consult"))
    doctor = await folk.patient()
    made = [await arranged(folk, database, doctor=doctor) for _ in range(_MOST // _UPLOADS_OF_ONE + 1)]
    await database.close()
    replica = wounded.replicas("consult")[0]
    async with grpc.aio.insecure_channel(wounded.addresses("consult")[0]) as channel:
        begun = {await _begin(channel, each): each for each in made for _ in range(_UPLOADS_OF_ONE)}
        await until(lambda: sum(upload.done() for upload in begun) == len(begun) - _MOST)
        refused = [upload for upload in begun if upload.done()]
        for upload in refused:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await upload
            assert ApricotError.of(caught.value).reason == Reason.REASON_RATE_LIMITED
        taken = [upload for upload in begun if upload not in refused]
        await asyncio.gather(*(_fill(upload, begun[upload]) for upload in taken))
        assert memory_bytes(wounded, "consult") < memory_limit_bytes("consult")
        assert not any(upload.done() for upload in taken)
        for upload in taken:
            upload.cancel()
    before = replica.pid
    replica.kill()  # what its memory was is nothing to the tests after this one
    await until(lambda: replica.pid not in (before, None))
    await replica.wait_ready()


async def _begin(channel: grpc.aio.Channel, made: Arranged) -> Upload:
    metadata = (("authorization", f"Bearer {await made.patient.token()}"),)
    upload = ConversationServiceStub(channel).UploadAttachment(metadata=metadata, timeout=100)
    await upload.write(UploadAttachmentRequest(consultation_id=made.consultation_id, content=pdf()))
    return upload


async def _fill(upload: Upload, made: Arranged) -> None:
    for _ in range(_PARTS):
        await upload.write(UploadAttachmentRequest(consultation_id=made.consultation_id, content=_PART))
