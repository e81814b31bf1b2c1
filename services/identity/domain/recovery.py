"""Recovery codes: ten characters of Crockford's base32, 50 bits; each stands in once for a second factor's code."""

import hashlib
import hmac
from collections.abc import Callable

from services.identity.domain import invites

COUNT = 10


def codes_of(derive: Callable[[str], bytes]) -> list[str]:
    """Return the codes of one request; `derive` makes a secret of a code's number."""
    return [invites.code_of(derive(str(number))) for number in range(COUNT)]


def code_hash(key: bytes, account_id: str, code: str) -> bytes:
    """Return what is stored of a code. Keyed, and bound to the account."""
    return hmac.digest(key, f"{account_id}\0{code}".encode(), hashlib.sha256)


def normalized(typed: str) -> str | None:
    """Return a code as it was made, however it was typed; None when it is no code."""
    try:
        return invites.normalized(typed)
    except invites.InviteNotValid:
        return None
