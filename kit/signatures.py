"""What a signature covers: the purpose, then the content. A signature for one purpose is none for another."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def signed_bytes(purpose: str, content: bytes) -> bytes:
    """The bytes that are signed. A purpose holds no zero byte, so that no two pairs make the same bytes."""
    return f"apricot-{purpose}-v1".encode() + b"\0" + content


def is_signed(purpose: str, content: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether an Ed25519 signature (RFC 8032) is of this content, for this purpose, by the key of these 32 bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed_bytes(purpose, content))
    except (InvalidSignature, ValueError):  # ValueError: not 32 bytes
        return False
    return True
