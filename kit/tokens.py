"""Access tokens: ES256 JWTs that identity signs and every service verifies for itself."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

import aiohttp
import jwt
from apricot.errors.v1.reason_pb2 import Reason

from kit.call import Caller
from kit.certificates import Certificate
from kit.errors import ApricotError

ISSUER = "apricot"
AUDIENCE = "apricot"
ALGORITHM = "ES256"
TOKEN_LIFETIME = timedelta(minutes=10)
_KEEPER = "identity"


def session_ended() -> ApricotError:
    """Return the refusal of what an ended session still asks."""
    return ApricotError(Reason.REASON_SESSION_ENDED, "the session has ended")


class KeySource(Protocol):
    """Where public keys come from."""

    async def public_key(self, key_id: str) -> jwt.PyJWK | None:
        """The key of that id, or none."""
        ...


class RemoteKeys:
    """Identity's key set over HTTP; with a certificate over HTTPS, from whom proves to be identity. An unknown key id
    fetches it anew, at most once in `retry_seconds`."""

    def __init__(self, url: str, certificate: Certificate | None = None, retry_seconds: float = 2.0) -> None:
        self._url = url
        self._certificate = certificate
        self._retry_seconds = retry_seconds
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = -retry_seconds
        self._lock = asyncio.Lock()

    async def public_key(self, key_id: str) -> jwt.PyJWK | None:
        if key_id not in self._keys:
            async with self._lock:
                if key_id not in self._keys and time.monotonic() - self._fetched >= self._retry_seconds:
                    await self._fetch()
        return self._keys.get(key_id)

    async def _fetch(self) -> None:
        tls, keeper = (self._certificate.client_context(), _KEEPER) if self._certificate else (True, None)
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as http,
                http.get(self._url, raise_for_status=True, ssl=tls, server_hostname=keeper) as answer,
            ):
                keys = jwt.PyJWKSet.from_dict(await answer.json()).keys
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ApricotError(Reason.REASON_UNAVAILABLE, "the token keys cannot be fetched") from error
        self._keys = {key.key_id: key for key in keys if key.key_id is not None}
        self._fetched = time.monotonic()


class TokenVerifier:
    """Verifies tokens, and remembers those verified until they expire."""

    def __init__(self, keys: KeySource, remembered: int = 10_000) -> None:
        self._keys = keys
        self._limit = remembered
        self._verified: OrderedDict[str, Caller] = OrderedDict()
        self._ended: dict[UUID, datetime] = {}
        self._streams: dict[UUID, set[Callable[[], None]]] = {}

    async def verify(self, token: str, now: datetime) -> Caller:
        """The token's bearer. Errors: TOKEN_INVALID, TOKEN_EXPIRED."""
        caller = self._verified.get(token)
        if caller is None:
            caller = await self._decode(token)
            self._verified[token] = caller
            if len(self._verified) > self._limit:
                self._verified.popitem(last=False)
        if caller.expire_time <= now:
            self._verified.pop(token, None)
            raise ApricotError(Reason.REASON_TOKEN_EXPIRED, "the access token has expired")
        self.require_live(caller)
        return caller

    def require_live(self, caller: Caller) -> None:
        """Raise SESSION_ENDED when the caller's session has ended since the token was verified."""
        if caller.session_id in self._ended:
            raise session_ended()

    def end_sessions(self, session_ids: Iterable[UUID], now: datetime) -> None:
        """Refuse the tokens of these sessions from now on, though they have not expired."""
        self._ended = {session: time for session, time in self._ended.items() if now - time < TOKEN_LIFETIME}
        ended = dict.fromkeys(session_ids, now)
        self._ended |= ended
        for session_id in ended:
            for end in list(self._streams.get(session_id, ())):
                end()

    @contextmanager
    def until_end(self, caller: Caller, end: Callable[[], None]) -> Iterator[None]:
        """Within the block, call `end` when the caller's session ends: a stream outlasts its token, and how long an
        ended session is remembered. Raise SESSION_ENDED when it has ended already."""
        ends = self._streams.setdefault(caller.session_id, set())
        ends.add(end)
        try:
            self.require_live(caller)
            yield
        finally:
            ends.discard(end)
            if not ends:
                self._streams.pop(caller.session_id, None)

    async def _decode(self, token: str) -> Caller:
        try:
            key = await self._keys.public_key(str(jwt.get_unverified_header(token).get("kid", "")))
            if key is None:
                raise ApricotError(Reason.REASON_TOKEN_INVALID, "the access token is signed by no key of ours")
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={
                    "require": ["exp", "iat", "sub", "sid"],
                    "verify_exp": False,
                },  # by the injected clock
            )
            return Caller(
                account_id=UUID(claims["sub"]),
                session_id=UUID(claims["sid"]),
                roles=frozenset(map(str, claims.get("roles", []))),
                expire_time=datetime.fromtimestamp(int(claims["exp"]), UTC),
            )
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise ApricotError(Reason.REASON_TOKEN_INVALID, "the access token is not valid") from error
