"""One-time codes: six digits sent to a phone, good for five minutes and five attempts."""

import hashlib
import hmac
import secrets
from datetime import timedelta

LIFETIME = timedelta(minutes=5)
ATTEMPTS = 5
RESEND_AFTER = timedelta(minutes=1)


class CredentialsInvalid(Exception):
    """Phone, code, password or secret do not match; which of them is not said."""

    def __init__(self) -> None:
        super().__init__("phone, code, password or secret do not match")


def new_code() -> str:
    """Six digits, each as likely as another."""
    return f"{secrets.randbelow(1_000_000):06d}"


def new_salt() -> bytes:
    """Tells one code of a phone from the next."""
    return secrets.token_bytes(16)


def code_hash(key: bytes, salt: bytes, code: str) -> bytes:
    """What is stored. Keyed, since a million codes are tried in a second by whoever has salt and hash alone."""
    return hmac.digest(key, salt + code.encode(), hashlib.sha256)


def matches(key: bytes, salt: bytes, code: str, stored: bytes) -> bool:
    """Whether this is the code, in constant time."""
    return hmac.compare_digest(code_hash(key, salt, code), stored)
