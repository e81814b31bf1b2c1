"""Tokens signed with the platform's real key, as identity would sign them in any session and at any time."""

import base64
import time
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kit.database import Database
from kit.tokens import ALGORITHM, AUDIENCE, ISSUER
from services.identity.vault import Vault
from stack.platform import Platform

type Claims = dict[str, Any]


class Signer:
    """Holds the private key that identity keeps sealed in its database."""

    def __init__(self, key_id: str, key: ec.EllipticCurvePrivateKey) -> None:
        self.key_id = key_id
        self.key = key

    @classmethod
    async def of(cls, platform: Platform) -> "Signer":
        """With the platform's present key: a test may have had a new one made, which ends the one before in time."""
        identity = next(one for one in platform.plan.services if one.service == "identity")
        vault = Vault(base64.b64decode(identity.variables["APRICOT_IDENTITY_KEY"]))
        database = Database(platform.database_url, "identity", platform.sealing_keys("identity"))
        try:
            async with database.connection() as connection:
                row = await connection.fetchrow(
                    "select key_id, sealed_private_key from signing_key where activate_time <= now() "
                    "order by activate_time desc limit 1"
                )
        finally:
            await database.close()
        sealed = platform.sealing_keys("identity").open("signing_key.sealed_private_key", row["sealed_private_key"])
        opened = vault.open("signing-key", row["key_id"], sealed)
        key = serialization.load_der_private_key(opened, password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return cls(row["key_id"], key)

    def claims(self, account_id: str = "", *roles: str, **changes: Any) -> Claims:
        """An account's claims, in a session of its own; a claim changed to None is left out."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": account_id or str(uuid4()),
            "sid": str(uuid4()),
            "roles": list(roles or ("patient",)),
            "iat": now,
            "exp": now + 600,
            "jti": uuid4().hex,
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, account_id: str = "", *roles: str, **changes: Any) -> str:
        """The same, signed."""
        return self.sign(self.claims(account_id, *roles, **changes))

    def sign(self, claims: Claims, *, key: Any = None, algorithm: str = ALGORITHM, key_id: str = "") -> str:
        """These claims, signed with the platform's key or another."""
        return jwt.encode(claims, key or self.key, algorithm, headers={"kid": key_id or self.key_id})

    def public_pem(self) -> bytes:
        """The public key, as everybody may fetch it."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def claims_of(token: str) -> Claims:
    """What a token says."""
    return dict(jwt.decode(token, options={"verify_signature": False}))
