"""Sign and verify prescriptions."""

import hashlib
from collections.abc import Sequence

import grpc
from apricot.consult.v1.prescription_pb2 import FindingOverride, PrescriptionContent, WrittenPrescription
from apricot.errors.v1.reason_pb2 import Reason
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from clients.sdk.errors import ApricotError

_PREFIX = b"apricot-prescription-v1\0"
"""What a doctor signs is this and then the content, so that no other signature passes for one of a prescription."""


def require_as_written(
    content: bytes, written: WrittenPrescription, overrides: Sequence[FindingOverride], patient_id: str
) -> None:
    """Raise PROOF_OF_OTHER_CONTENT unless prepared bytes say just what the doctor wrote, for her patient. Call it
    before the second factor is proven for them: nothing else is then signed."""
    said = PrescriptionContent.FromString(content)
    if (said.written, list(said.overrides), said.patient_id) != (written, list(overrides), patient_id):
        raise ApricotError(
            Reason.REASON_PROOF_OF_OTHER_CONTENT,
            grpc.StatusCode.ABORTED,
            "what is to be signed is not what was written",
        )


def signed_sha256(content: bytes) -> bytes:
    """Return what `SigningService.ProveSecondFactor` asks for, so that just this content may be signed."""
    return hashlib.sha256(_PREFIX + content).digest()


class NotGenuine(Exception):
    """The signature is not of this content by that key."""


def verify(signed_content: bytes, signature: bytes, public_key: bytes) -> PrescriptionContent:
    """What a prescription says, once its Ed25519 signature (64 bytes) was verified by the doctor's public key (32
    bytes; `SigningService.ListPublicKeys`). The caller compares the key's account with `doctor_id`, and `expire_time`
    with the clock; whether it was revoked, the platform alone knows. Errors: `NotGenuine`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, _PREFIX + signed_content)
    except (InvalidSignature, ValueError) as error:  # ValueError: a key that is none
        raise NotGenuine("the signature is not of this prescription by that key") from error
    return PrescriptionContent.FromString(signed_content)
