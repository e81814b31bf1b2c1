"""Fresh proofs: made when somebody shows the account's factors, asked for by sensitive acts (ADR 0030).

A proof is a JWT beside the access token. It goes to the client alone and comes back with a sensitive act alone, so that
a stolen access token brings none.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import jwt
from google.protobuf.message import Message
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.call import Call
from kit.clock import Clock
from kit.tokens import ALGORITHM, ISSUER
from services.identity.domain import proofs
from services.identity.domain.proofs import FreshProofRequired, Method
from services.identity.keys import KeyRing
from services.identity.store import accounts

AUDIENCE = "apricot-fresh-proof"


@dataclass(frozen=True)
class FreshProof:
    """What a session's holder has shown."""

    account_id: UUID
    session_id: UUID
    shown: frozenset[Method]


class FreshProofs:
    """Makes and checks proofs."""

    def __init__(self, keys: KeyRing, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def make(self, account_id: UUID, session_id: UUID, shown: Collection[Method]) -> tuple[str, datetime]:
        """Return a proof for one session, and its end."""
        claims = {"sub": str(account_id), "sid": str(session_id), "amr": sorted(shown)}
        return self._keys.sign(AUDIENCE, claims, self._clock(), proofs.LIFETIME)

    async def require(
        self, session: AsyncSession, call: Call, proof: str, *, ask_second_factor: bool = True
    ) -> FreshProof:
        """Return the proof of the caller's own session. Raise `FreshProofRequired` when it is missing, not fresh, of
        another session, or does not show the second factor that the account has by now."""
        found = await self._read(proof)
        if (found.account_id, found.session_id) != (call.caller.account_id, call.caller.session_id):
            raise FreshProofRequired
        has_one = await accounts.has_second_factor(session, found.account_id)
        proofs.require(found.shown, second_factor=has_one and ask_second_factor)
        return found

    async def _read(self, proof: str) -> FreshProof:
        try:
            key = await self._keys.public_key(str(jwt.get_unverified_header(proof).get("kid", "")))
            if key is None:
                raise FreshProofRequired
            claims = jwt.decode(
                proof,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": ["exp", "sub", "sid", "amr"], "verify_exp": False},  # by the injected clock
            )
            if datetime.fromtimestamp(int(claims["exp"]), UTC) <= self._clock():
                raise FreshProofRequired
            return FreshProof(UUID(claims["sub"]), UUID(claims["sid"]), frozenset(map(Method, claims["amr"])))
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise FreshProofRequired from error


def without_proof[M: Message](request: M) -> M:
    """Return the request as its repeat is recognized: a repeat may bring a newer proof."""
    known_by = type(request)()
    known_by.CopyFrom(request)
    known_by.ClearField("fresh_proof")
    return known_by
