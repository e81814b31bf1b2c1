"""Doctors who sign, for tests."""

import hashlib
from uuid import uuid4

import jwt
from apricot.access.v1.access_pb2 import ROLE_CLINICIAN
from apricot.identity.v1 import licence_pb2, signing_pb2
from apricot.identity.v1.signing_pb2_grpc import SigningServiceStub

from kit.signatures import signed_bytes
from tests.identity.running import Person, Running, Stub, request_id

PURPOSE = "prescription"


def digest_of(content: bytes, purpose: str = PURPOSE) -> bytes:
    """What a proof names."""
    return hashlib.sha256(signed_bytes(purpose, content)).digest()


class Signing:
    """The signing service of a running identity."""

    def __init__(self, running: Running, stub: SigningServiceStub) -> None:
        self.running = running
        self.call = Stub(stub)

    async def doctor(self, expiry_date: str = "2030-12-31", first_registration_date: str = "2010-07-01") -> Person:
        """Somebody with an approved licence and a second factor, signed in."""
        person = await self.running.sign_in()
        details = licence_pb2.LicenceDetails(
            role=ROLE_CLINICIAN,
            number=uuid4().hex,
            hospital="杏林医院",
            hospital_grade="3A",
            title="主任医师",
            expiry_date=expiry_date,
            first_registration_date=first_registration_date,
        )
        submit = licence_pb2.SubmitLicenceRequest(request_id=request_id(), details=details)
        licence = (await self.running.licence("SubmitLicence", submit, person)).licence
        await self.running.review(licence.licence_id, licence_pb2.LICENCE_STATE_APPROVED)
        return await self.running.enroll(person)

    async def prove(
        self, doctor: Person, code: str = "", same: str = "", content: bytes | None = b"content"
    ) -> signing_pb2.ProveSecondFactorResponse:
        """By the code of the next step: the one of now opened the session; for a content, or for none."""
        code = code or self.running.totp(doctor, 1)
        digest = b"" if content is None else digest_of(content)
        request = signing_pb2.ProveSecondFactorRequest(
            request_id=same or request_id(), totp_code=code, signed_sha256=digest
        )
        return await self.call("ProveSecondFactor", request, doctor)  # type: ignore[no-any-return]

    async def sign(
        self,
        doctor: Person,
        content: bytes = b"content",
        purpose: str = PURPOSE,
        by: Person | None = None,
        object_id: str = "",
    ) -> signing_pb2.SignResponse:
        """As consult does it."""
        request = signing_pb2.SignRequest(
            access_token=doctor.tokens.access_token,
            purpose=purpose,
            content=content,
            object_id=object_id or request_id(),
            patient_id=request_id(),
        )
        return await self.call("Sign", request, by or await self.running.service("consult"))  # type: ignore[no-any-return]

    async def proves_for(self, doctor: Person, content: bytes, purpose: str = PURPOSE) -> None:
        """As if the proof that the doctor gave had been given for this content."""
        claims = jwt.decode(doctor.tokens.access_token, options={"verify_signature": False})
        statement = "update session set prove_sha256 = $1 where session_id = $2"
        await self.running.execute(statement, digest_of(content, purpose), claims["sid"])

    async def rotate(self, doctor: Person) -> signing_pb2.PublicKey:
        request = signing_pb2.RotateKeyRequest(request_id=request_id())
        return (await self.call("RotateKey", request, doctor)).key  # type: ignore[no-any-return]

    async def keys(self, doctor: Person) -> list[signing_pb2.PublicKey]:
        """The doctor's published keys, oldest first, as anybody sees them."""
        request = signing_pb2.ListPublicKeysRequest(account_id=doctor.account_id)
        found = (await self.call("ListPublicKeys", request)).keys
        return sorted(found, key=lambda key: (key.start_time.seconds, not key.HasField("end_time")))
