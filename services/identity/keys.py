"""The keys that sign access tokens, as this process knows them: read from the database every few seconds."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.clock import Clock
from kit.database import Database
from kit.outages import is_outage
from kit.tokens import ALGORITHM, AUDIENCE, ISSUER, TOKEN_LIFETIME
from services.identity.domain import keys as rules
from services.identity.store import keys as store
from services.identity.store.tables import SigningKey
from services.identity.vault import Vault

log = structlog.get_logger()

_RELOAD_SECONDS = 10.0
_UNKNOWN_KEY_SECONDS = 2.0
_PURPOSE = "signing-key"


@dataclass(frozen=True)
class Key:
    """A key, opened."""

    key_id: str
    activate_time: datetime
    private: ec.EllipticCurvePrivateKey
    public: jwt.PyJWK


class KeyRing:
    """Signs tokens, publishes the public keys, and knows them for `kit.tokens.TokenVerifier`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, activation_delay: timedelta) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._activation_delay = activation_delay
        self._keys: list[Key] = []
        self._loaded = -_UNKNOWN_KEY_SECONDS

    async def start(self) -> None:
        """Read the keys; the very first start makes one, which signs at once."""
        async with self._database.transaction() as session:
            if not await store.all_locked(session):
                self._make(session, self._clock())
        await self.reload()

    async def reload(self) -> None:
        """Read the keys anew: another replica may have made one."""
        async with self._database.transaction() as session:
            rows = await store.all_of_them(session)
        known = {key.key_id: key for key in self._keys}
        self._keys = [known.get(row.key_id) or self._opened(row) for row in rows]
        self._loaded = time.monotonic()

    async def run(self) -> None:
        """Keep up until cancelled; outages are waited out."""
        while True:
            await asyncio.sleep(_RELOAD_SECONDS)
            try:
                await self.reload()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("the keys were not read", error=type(error).__name__)

    async def rotate(self, session: AsyncSession) -> str:
        """Make a key in this transaction; published by the next `reload`, it signs once every verifier has seen it."""
        await store.all_locked(session)
        return self._make(session, self._clock() + self._activation_delay)

    def token(self, account_id: UUID, session_id: UUID, roles: list[str], now: datetime) -> tuple[str, datetime]:
        """An access token and its end."""
        claims = {"sub": str(account_id), "sid": str(session_id), "roles": roles}
        return self.sign(AUDIENCE, claims, now, TOKEN_LIFETIME)

    def sign(
        self, audience: str, claims: Mapping[str, Any], now: datetime, lifetime: timedelta
    ) -> tuple[str, datetime]:
        """Return a signed token (JWT) of these claims, and its end."""
        key = rules.signing(self._keys, now)
        if key is None:
            raise RuntimeError("there is no signing key: the ring was not started")
        expire_time = (now + lifetime).replace(microsecond=0)
        said = {
            **claims,
            "iss": ISSUER,
            "aud": audience,
            "iat": int(now.timestamp()),
            "exp": int(expire_time.timestamp()),
            "jti": uuid4().hex,
        }
        return jwt.encode(said, key.private, ALGORITHM, headers={"kid": key.key_id}), expire_time

    async def public_key(self, key_id: str) -> jwt.PyJWK | None:
        """See `kit.tokens.KeySource`. An unknown id reads the keys anew, at most every two seconds."""
        if key_id not in self._published() and time.monotonic() - self._loaded >= _UNKNOWN_KEY_SECONDS:
            await self.reload()
        return self._published().get(key_id)

    def key_set(self) -> dict[str, Any]:
        """The public keys as a JWK set (RFC 7517)."""
        return {"keys": [_as_json(key) for key in self._published().values()]}

    def _published(self) -> dict[str, jwt.PyJWK]:
        # A replica that could not read the keys goes on signing with the old one for as long as the delay at most.
        lifetime = TOKEN_LIFETIME + self._activation_delay
        return {key.key_id: key.public for key in rules.published(self._keys, self._clock(), lifetime)}

    def _make(self, session: AsyncSession, activate_time: datetime) -> str:
        key_id = uuid4().hex
        private = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        session.add(
            SigningKey(
                key_id=key_id,
                sealed_private_key=self._vault.seal(_PURPOSE, key_id, private),
                activate_time=activate_time,
                create_time=self._clock(),
            )
        )
        return key_id

    def _opened(self, row: SigningKey) -> Key:
        data = self._vault.open(_PURPOSE, row.key_id, row.sealed_private_key)
        private = serialization.load_der_private_key(data, password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError(f"signing key {row.key_id} is not of an elliptic curve")
        public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        return Key(row.key_id, row.activate_time, private, jwt.PyJWK({**public, "kid": row.key_id}, ALGORITHM))


def _as_json(key: jwt.PyJWK) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(key.key, as_dict=True), "kid": key.key_id, "alg": ALGORITHM, "use": "sig"}
