"""Calls without a wire: a caller, a token, a method."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from kit.call import Call, Caller
from kit.contract import methods
from kit.tokens import ALGORITHM, AUDIENCE, ISSUER

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
PATH = "/apricot.glucose.v1.DiaryService/AmendEntry"


def call(account: UUID | None = None, expire_time: datetime = NOW, path: str = PATH) -> Call:
    made = Call(methods()[path], request_id="r")
    made.signed_in = Caller(account or uuid4(), uuid4(), frozenset({"patient"}), expire_time)
    return made


class Keys:
    """A `kit.tokens.KeySource` of one key, and what it signs."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())

    async def public_key(self, key_id: str) -> jwt.PyJWK | None:
        if key_id != "k":
            return None
        algorithm = jwt.get_algorithm_by_name(ALGORITHM)
        return jwt.PyJWK(algorithm.to_jwk(self._private.public_key(), as_dict=True) | {"kid": "k"}, ALGORITHM)

    def sign(self, key_id: str = "k", **changes: object) -> str:
        """A token of ten minutes, unless changed; None leaves a claim out."""
        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(uuid4()),
            "sid": str(uuid4()),
            "roles": ["patient"],
            "iat": int(NOW.timestamp()),
            "exp": int((NOW + timedelta(minutes=10)).timestamp()),
        }
        kept = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(kept, self._private, ALGORITHM, headers={"kid": key_id})
