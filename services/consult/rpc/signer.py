"""The doctor's signature, asked of identity, which keeps the key and looks at the licence."""

from typing import NamedTuple
from uuid import UUID

import grpc
from apricot.consult.v1.prescription_pb2 import PrescriptionContent
from apricot.identity.v1.signing_pb2 import SignRequest
from apricot.identity.v1.signing_pb2_grpc import SigningServiceStub

from kit.call import Call
from kit.errors import from_rpc
from kit.service_identity import ServiceIdentity
from prescribing.genuineness import PURPOSE
from services.consult.rpc.revisions import content_bytes


class Signed(NamedTuple):
    """A content's bytes with the signature of just these."""

    content: bytes
    signature: bytes
    key_id: UUID


class Signer:
    """Has identity sign for the doctor who calls."""

    def __init__(self, identity: ServiceIdentity, channel: grpc.aio.Channel) -> None:
        self._identity = identity
        self._signing = SigningServiceStub(channel)

    async def sign(self, call: Call, content: PrescriptionContent) -> Signed:
        """Return the bytes, signed. Raise FRESH_SIGN_IN_REQUIRED, PROOF_OF_OTHER_CONTENT, LICENCE_EXPIRED,
        PRACTICE_TOO_SHORT, SESSION_ENDED; an outage."""
        data = content_bytes(content)
        request = SignRequest(
            access_token=call.token,
            purpose=PURPOSE,
            content=data,
            object_id=content.prescription_id,
            patient_id=content.patient_id,
        )
        try:
            answer = await self._identity.ask(self._signing.Sign, request)
        except grpc.aio.AioRpcError as error:
            raise from_rpc(error) or error from error
        return Signed(data, answer.signature, UUID(answer.key.key_id))
