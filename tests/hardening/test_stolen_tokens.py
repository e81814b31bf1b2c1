"""Tokens in the wrong hands: tricks with their header, copies, and what works after their owner has signed out."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import grpc
import jwt
import pytest
from apricot.glucose.v1.watch_pb2 import WatchPatientsRequest
from apricot.identity.v1.auth_pb2 import RefreshTokenRequest, RefreshTokenResponse
from cryptography.hazmat.primitives.asymmetric import ec

from stack.platform import Platform
from tests.e2e.conftest import Doors
from tests.e2e.signer import Claims, Signer
from tests.e2e.wire import Outcome, bearer, outcome_of
from tests.kit.running import until
from tests.people import People, Person

GET_ME = "/apricot.identity.v1.AccountService/GetMe"
REFRESH = "/apricot.identity.v1.AuthService/RefreshToken"
WATCH = "/apricot.glucose.v1.WatchService/WatchPatients"
ONE_OF_EACH = {
    GET_ME: b"",
    "/apricot.glucose.v1.FoodService/SearchFoods": b"",
    "/apricot.consult.v1.TriageService/ListSymptoms": b"",
    "/apricot.pharmacy.v1.OrderService/ListOrders": b"",
}
"""A method of each service that every signed-in caller may use."""
THIEF = ec.generate_private_key(ec.SECP256R1())
UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED
type Trick = Callable[[Signer, Claims], str]


def header(**fields: Any) -> Trick:
    """Signed by the thief, with this in the header; None leaves a field out."""
    return lambda signer, claims: jwt.encode(claims, THIEF, "ES256", {"kid": signer.key_id} | fields)


def symmetric(key: bytes, key_id: str) -> Trick:
    """Signed by what a file might hold that the key id names."""

    def trick(signer: Signer, claims: Claims) -> str:
        signed = _joined({"alg": "HS256", "kid": key_id}, claims)
        return f"{signed}.{_part(hmac.digest(key, signed.encode(), hashlib.sha256))}"

    return trick


def algorithm(name: str) -> Trick:
    """The right token's claims under another algorithm's name, with a signature that is none."""

    def trick(signer: Signer, claims: Claims) -> str:
        return _joined({"alg": name, "kid": signer.key_id, "typ": "JWT"}, claims) + "."

    return trick


def _joined(*parts: Claims) -> str:
    return ".".join(_part(json.dumps(part).encode()) for part in parts)


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def brought_along(signer: Signer, claims: Claims) -> str:
    """With the thief's public key in its header, as `jwk`."""
    key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(THIEF.public_key()))
    return header(jwk=key)(signer, claims)


TRICKS: dict[str, Trick] = {
    "the right key id": header(),
    "no key id": header(kid=""),
    "a key id that is a path": header(kid="../../../../dev/null"),
    "a key id that is SQL": header(kid="' union select 1 --"),
    "a key id without end": header(kid="k" * 8000),
    "a key brought along": brought_along,
    "a key's address": header(jku="http://127.0.0.1:1/keys"),
    "a certificate's address": header(x5u="http://127.0.0.1:1/cert"),
    "an extension that is critical": header(crit=["exp"]),
    "a symmetric key from /dev/null": symmetric(b"", "/dev/null"),
    "a symmetric key that is the key id": symmetric(b"k" * 32, "k" * 32),
    **{f"algorithm {name}": algorithm(name) for name in ("none", "None", "nOnE", "", "ES384", "RS256", "EdDSA")},
}


@pytest.mark.parametrize("door", ["gateway", "direct"])
@pytest.mark.parametrize("trick", TRICKS)
async def test_tricks_with_the_header(trick: str, door: str, ways_in: Doors, forger: Signer, bystander: Person) -> None:
    token = TRICKS[trick](forger, forger.claims(bystander.account_id, "patient", "admin"))
    for path, request in ONE_OF_EACH.items():
        outcome = await ways_in.call(door, path, request, token)
        assert (outcome.code, outcome.reason) == (UNAUTHENTICATED, "TOKEN_INVALID"), path


async def test_after_signing_out_everywhere_nothing_of_it_works(
    platform: Platform, people: People, ways_in: Doors
) -> None:
    """The access token at each service, the refresh token, an open stream."""
    person = await people.patient()
    token, saved = await person.token(), person.session._tokens._saved
    async with grpc.aio.insecure_channel(platform.addresses("glucose")[0]) as channel:
        method: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(WATCH)
        request = WatchPatientsRequest(patient_ids=[person.account_id]).SerializeToString()
        stream = method(request, metadata=bearer(token))
        await stream.read()
        await person.session.sign_out(all_sessions=True)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await _read_to_the_end(stream)
    assert outcome_of(caught.value).reason == "SESSION_ENDED"
    for path in ONE_OF_EACH:
        for door in ("gateway", "direct", "direct-2"):
            await until(lambda path=path, door=door: _is_refused(ways_in, door, path, token))  # type: ignore[misc]
    refresh = RefreshTokenRequest(request_id=str(uuid4()), refresh_token=saved.refresh_token)
    assert (await ways_in.call("gateway", REFRESH, refresh.SerializeToString())).reason == "SESSION_ENDED"


async def test_a_copied_refresh_token(people: People, ways_in: Doors) -> None:
    """The thief comes first and gets a pair; when the owner comes, both have nothing."""
    owner = await people.patient()
    stolen = owner.session._tokens._saved.refresh_token
    pair = RefreshTokenResponse.FromString((await _refresh(ways_in, stolen)).answer).tokens
    assert (await ways_in.call("gateway", GET_ME, b"", pair.access_token)).ok
    assert (await _refresh(ways_in, stolen)).reason == "SESSION_ENDED"
    assert (await _refresh(ways_in, pair.refresh_token)).reason == "SESSION_ENDED"
    for path in ONE_OF_EACH:
        await until(lambda path=path: _is_refused(ways_in, "gateway", path, pair.access_token))  # type: ignore[misc]


async def _refresh(ways_in: Doors, refresh_token: str) -> Outcome:
    request = RefreshTokenRequest(request_id=str(uuid4()), refresh_token=refresh_token)
    return await ways_in.call("gateway", REFRESH, request.SerializeToString())


async def _is_refused(ways_in: Doors, door: str, path: str, token: str) -> bool:
    return (await ways_in.call(door, path, ONE_OF_EACH[path], token)).reason == "SESSION_ENDED"


async def _read_to_the_end(stream: Any) -> None:
    while await stream.read() is not grpc.aio.EOF:
        pass
