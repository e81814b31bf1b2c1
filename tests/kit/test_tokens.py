"""Access tokens as a service verifies them."""

from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from apricot.errors.v1.reason_pb2 import Reason

from kit.errors import ApricotError
from kit.tokens import TokenVerifier
from tests.kit.calls import NOW, Keys

KEYS = Keys()


async def refusal(verifier: TokenVerifier, token: str, minutes: float = 0) -> Reason.ValueType:
    with pytest.raises(ApricotError) as caught:
        await verifier.verify(token, NOW + timedelta(minutes=minutes))
    return caught.value.reason


async def test_the_bearer_of_a_good_token() -> None:
    account, session = uuid4(), uuid4()
    caller = await TokenVerifier(KEYS).verify(KEYS.sign(sub=str(account), sid=str(session)), NOW)
    assert (caller.account_id, caller.session_id, caller.roles) == (account, session, frozenset({"patient"}))
    assert caller.expire_time == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        KEYS.sign(aud="another"),
        KEYS.sign(iss="another"),
        KEYS.sign(key_id="unknown"),
        KEYS.sign(sub="nobody"),
        KEYS.sign(sid=None),
        KEYS.sign(exp=None),
        KEYS.sign(exp=10**30),
        Keys().sign(),
        jwt.encode({"sub": "x"}, "s" * 32, "HS256", headers={"kid": "k"}),
        jwt.encode({"sub": "x"}, "", "none", headers={"kid": "k"}),
        KEYS.sign()[:-4] + "AAAA",
    ],
    ids=[str(n) for n in range(13)],
)
async def test_a_token_not_of_ours_is_invalid(token: str) -> None:
    assert await refusal(TokenVerifier(KEYS), token) == Reason.REASON_TOKEN_INVALID


async def test_a_token_expires_also_when_it_is_remembered() -> None:
    verifier, token = TokenVerifier(KEYS), KEYS.sign()
    await verifier.verify(token, NOW)
    assert await refusal(verifier, token, minutes=10) == Reason.REASON_TOKEN_EXPIRED
    assert await refusal(TokenVerifier(KEYS), token, minutes=11) == Reason.REASON_TOKEN_EXPIRED


async def test_an_ended_session_is_refused_though_its_token_lives() -> None:
    verifier, session = TokenVerifier(KEYS), uuid4()
    ended, other = KEYS.sign(sid=str(session)), KEYS.sign()
    await verifier.verify(ended, NOW)
    verifier.end_sessions([session], NOW)
    assert await refusal(verifier, ended) == Reason.REASON_SESSION_ENDED
    await verifier.verify(other, NOW)


async def test_it_remembers_only_so_many() -> None:
    verifier = TokenVerifier(KEYS, remembered=2)
    for _ in range(5):
        await verifier.verify(KEYS.sign(), NOW)
    assert len(verifier._verified) == 2
