"""Prescriptions verified by whoever holds one: nobody has to be asked or trusted but for the doctor's public key."""

from apricot.consult.v1.prescription_pb2 import PrescriptionContent
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_PREFIX = b"apricot-prescription-v1\0"
"""What a doctor signs is this and then the content, so that no other signature passes for one of a prescription."""


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
