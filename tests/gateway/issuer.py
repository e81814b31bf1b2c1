"""Identity's part in the gateway's tests: makes tokens, and serves the keys to check them."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from kit.call import HOLDS_ROLE, ROLES_BY_NOW
from kit.certificates import Certificate
from kit.tokens import AUDIENCE, ISSUER


class Issuer:
    """`port` serves the public keys; `key_id` names the one that signs."""

    def __init__(self) -> None:
        self.port = 0
        self.key_id = ""
        self.by_now: set[str] = set()
        """Methods that every account may call by now, whatever its token says."""
        self.asked: list[str] = []
        """Methods that the gateway asked about."""
        self._keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.rotate()

    def rotate(self) -> None:
        self.key_id = str(uuid4())
        self._keys[self.key_id] = new_key()

    def token(self, *roles: str, key: ec.EllipticCurvePrivateKey | None = None, **changes: Any) -> str:
        """Valid, but for the changes; a claim changed to None is left out."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(uuid4()),
            "sid": str(uuid4()),
            "iat": now,
            "exp": now + 600,
        }
        claims |= {"roles": list(roles or ("patient",))} | changes
        given = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(given, key or self._keys[self.key_id], "ES256", {"kid": self.key_id})

    def unsigned(self) -> str:
        """A valid token that says it needs no signature."""
        claims = self.token("admin").split(".")[1]
        return f"eyJhbGciOiJub25lIn0.{claims}."

    @asynccontextmanager
    async def serving(self, certificate: Certificate | None = None) -> AsyncIterator["Issuer"]:
        """With a certificate by TLS alone."""
        app = web.Application()
        app.add_routes([web.get("/.well-known/jwks.json", self._jwks)])
        app.add_routes([web.post(f"{ROLES_BY_NOW}/{{service}}/{{method}}", self._roles_by_now)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            tls = certificate.server_context() if certificate else None
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
            self.port = runner.addresses[0][1]
            yield self
        finally:
            await runner.cleanup()

    async def _jwks(self, _: web.Request) -> web.Response:
        public = [
            ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": key_id, "alg": "ES256", "use": "sig"}
            for key_id, key in self._keys.items()
        ]
        return web.json_response({"keys": public})

    async def _roles_by_now(self, request: web.Request) -> web.Response:
        assert request.headers["authorization"].startswith("Bearer ")
        path = request.path.removeprefix(ROLES_BY_NOW)
        self.asked.append(path)
        return web.Response(headers={HOLDS_ROLE: "1"} if path in self.by_now else {})


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())
