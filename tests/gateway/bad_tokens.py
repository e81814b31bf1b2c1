"""Every way in which a token can be wrong, and the reason that names it."""

import time
from collections.abc import Callable

from services.gateway.access import CLOCK_SKEW_SECONDS
from tests.gateway.issuer import Issuer, new_key


def expired() -> int:
    return int(time.time()) - CLOCK_SKEW_SECONDS - 1


BAD_TOKENS: dict[str, tuple[str, Callable[[Issuer], str]]] = {
    "no token": ("TOKEN_MISSING", lambda issuer: ""),
    "expired": ("TOKEN_EXPIRED", lambda issuer: issuer.token(exp=expired())),
    "forged": ("TOKEN_INVALID", lambda issuer: issuer.token(key=new_key())),
    "unsigned": ("TOKEN_INVALID", lambda issuer: issuer.unsigned()),
    "damaged": ("TOKEN_INVALID", lambda issuer: issuer.token()[:-20]),
    "no token at all": ("TOKEN_INVALID", lambda issuer: "open sesame"),
    "another audience": ("TOKEN_INVALID", lambda issuer: issuer.token(aud="elsewhere")),
    "another issuer": ("TOKEN_INVALID", lambda issuer: issuer.token(iss="elsewhere")),
    "for ever": ("TOKEN_INVALID", lambda issuer: issuer.token(exp=None)),
}
