"""Tokens that are not good: refused at the gateway, and again by each service called directly."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
import pytest
from apricot.glucose.v1.diary_pb2 import ListEntriesRequest
from cryptography.hazmat.primitives.asymmetric import ec

from kit import contract
from kit.contract import Method
from services.gateway.access import CLOCK_SKEW_SECONDS
from tests.e2e.conftest import Doors
from tests.e2e.minimal import is_for_services_alone, minimal_request
from tests.e2e.signer import Claims, Signer
from tests.patience import PATIENCE
from tests.people import People

METHODS = {path: method for path, method in contract.methods().items() if not (method.rule and method.rule.public)}
ONE_OF_EACH = {method.path.split("/")[1]: method for method in reversed(METHODS.values())}
"""One method of each service."""
ADMINS_ONLY = "/apricot.identity.v1.AuditService/VerifyChain"
LIST = "/apricot.glucose.v1.DiaryService/ListEntries"
OWN = "/apricot.identity.v1.AccountService/GetMe"

SPOOFED = [
    (name, value)
    for value in ("admin", '{"roles":["admin"]}', base64.b64encode(b'{"roles":["admin"]}').decode())
    for name in ("x-jwt-payload", "x-apricot-roles", "x-roles", "x-user-id", "x-envoy-peer-metadata", "x-claims")
]


def segment(value: Any) -> str:
    """A part of a token made by hand."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(signer: Signer, claims: Claims) -> str:
    """`alg: none`."""
    return f"{segment({'alg': 'none', 'kid': signer.key_id})}.{segment(claims)}."


def signed_by_the_public_key(signer: Signer, claims: Claims) -> str:
    """HS256 with what everybody may fetch as its secret."""
    signed = f"{segment({'alg': 'HS256', 'typ': 'JWT', 'kid': signer.key_id})}.{segment(claims)}"
    return f"{signed}.{segment(hmac.digest(signer.public_pem(), signed.encode(), hashlib.sha256))}"


def raised(signer: Signer, claims: Claims) -> str:
    """A patient's token with an admin's claims, under the signature of the first."""
    header, _, signature = signer.sign(claims | {"roles": ["patient"]}).split(".")
    return f"{header}.{segment(claims)}.{signature}"


def damaged(signer: Signer, claims: Claims) -> str:
    """One character of the signature is another."""
    token = signer.sign(claims)
    at = len(token) - 20
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]


def past(seconds: int) -> Callable[[Signer, Claims], str]:
    """One of ours, past its end by so much."""
    now = int(time.time())
    return lambda signer, claims: signer.sign(claims | {"iat": now - 600 - seconds, "exp": now - seconds})


def with_claims(**changes: Any) -> Callable[[Signer, Claims], str]:
    """One of ours, but for these claims."""

    def make(signer: Signer, claims: Claims) -> str:
        return signer.sign({name: value for name, value in (claims | changes).items() if value is not None})

    return make


FORGER = ec.generate_private_key(ec.SECP256R1())
BAD: dict[str, tuple[str, Callable[[Signer, Claims], str]]] = {
    "missing": ("TOKEN_MISSING", lambda signer, claims: ""),
    "expired": ("TOKEN_EXPIRED", past(CLOCK_SKEW_SECONDS + 1)),
    "expired an hour ago": ("TOKEN_EXPIRED", past(3600)),
    "forged": ("TOKEN_INVALID", lambda signer, claims: signer.sign(claims, key=FORGER)),
    "of an unknown key": ("TOKEN_INVALID", lambda signer, claims: signer.sign(claims, key=FORGER, key_id="0" * 32)),
    "ours under another key's name": ("TOKEN_INVALID", lambda signer, claims: signer.sign(claims, key_id="0" * 32)),
    "damaged": ("TOKEN_INVALID", damaged),
    "cut short": ("TOKEN_INVALID", lambda signer, claims: signer.sign(claims)[:-20]),
    "raised": ("TOKEN_INVALID", raised),
    "unsigned": ("TOKEN_INVALID", unsigned),
    "signed by the public key": ("TOKEN_INVALID", signed_by_the_public_key),
    "for another audience": ("TOKEN_INVALID", with_claims(aud="elsewhere")),
    "for no audience": ("TOKEN_INVALID", with_claims(aud=None)),
    "of another issuer": ("TOKEN_INVALID", with_claims(iss="elsewhere")),
    "of no issuer": ("TOKEN_INVALID", with_claims(iss=None)),
    "for ever": ("TOKEN_INVALID", with_claims(exp=None)),
    "not yet valid": ("TOKEN_INVALID", with_claims(nbf=int(time.time()) + 3600)),
    "words": ("TOKEN_INVALID", lambda signer, claims: "open sesame"),
    "three dots": ("TOKEN_INVALID", lambda signer, claims: "..."),
}


@pytest.mark.parametrize("door", ["gateway", "direct", "direct-2"])
@pytest.mark.parametrize("why", BAD)
async def test_a_bad_token_is_refused(why: str, door: str, doors: Doors, signer: Signer) -> None:
    reason, make = BAD[why]
    for method in ONE_OF_EACH.values():
        if door == "gateway" and is_for_services_alone(method):
            continue
        token = make(signer, signer.claims(str(uuid4()), "patient", "admin"))
        request = minimal_request(method, str(uuid4())).SerializeToString()
        outcome = await doors.call(door, method.path, request, token)
        assert (outcome.code, outcome.reason) == (grpc.StatusCode.UNAUTHENTICATED, reason), method.path


@pytest.mark.parametrize("door", ["gateway", "direct"])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
async def test_every_method_checks_the_token(method: Method, door: str, doors: Doors, signer: Signer) -> None:
    if door == "gateway" and is_for_services_alone(method):
        assert (await doors.call(door, method.path, b"", "")).reason == "METHOD_UNKNOWN"
        return
    request = minimal_request(method, str(uuid4())).SerializeToString()
    for why in ("missing", "expired", "forged"):
        reason, make = BAD[why]
        outcome = await doors.call(door, method.path, request, make(signer, signer.claims()))
        assert (outcome.code, outcome.reason) == (grpc.StatusCode.UNAUTHENTICATED, reason)


@pytest.mark.parametrize("door", ["gateway", "direct"])
async def test_the_same_token_well_made_is_good(door: str, doors: Doors, signer: Signer, people: People) -> None:
    """What makes the others bad is what they are named after."""
    account = (await people.patient()).account_id
    assert (await doors.call(door, OWN, b"", signer.token(account))).ok
    assert (await doors.call(door, ADMINS_ONLY, b"", signer.token(account, "patient", "admin"))).ok


async def test_the_services_forgive_no_second(doors: Doors, signer: Signer) -> None:
    """The gateway's clock may be a little off; what it lets through, the service looks at again."""
    outcome = await doors.call("gateway", OWN, b"", past(1)(signer, signer.claims()))
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_EXPIRED")


@pytest.mark.parametrize("door", ["gateway", "direct"])
async def test_what_a_caller_says_about_itself_counts_for_nothing(
    door: str, doors: Doors, signer: Signer, people: People
) -> None:
    outcome = await doors.call(door, ADMINS_ONLY, b"", metadata=SPOOFED)
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING")
    token = signer.token((await people.patient()).account_id)
    outcome = await doors.call(door, ADMINS_ONLY, b"", token, SPOOFED)
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")


@pytest.mark.parametrize("door", ["gateway", "direct"])
@pytest.mark.parametrize("authorization", ["Basic YWRtaW46YWRtaW4=", "Bearer", "Bearer ", "{token}", "Token {token}"])
async def test_another_scheme_is_no_token(authorization: str, door: str, doors: Doors, signer: Signer) -> None:
    header = authorization.format(token=signer.token())
    outcome = await doors.call(door, OWN, b"", metadata=[("authorization", header)])
    assert outcome.code is grpc.StatusCode.UNAUTHENTICATED
    assert outcome.reason in ("TOKEN_MISSING", "TOKEN_INVALID")


@pytest.mark.parametrize("door", ["gateway", "direct"])
async def test_a_second_token_adds_nothing(door: str, doors: Doors, signer: Signer, people: People) -> None:
    good = signer.token((await people.patient()).account_id)
    forged = signer.sign(signer.claims("", "admin"), key=FORGER)
    for first, second in ((good, forged), (forged, good)):
        outcome = await doors.call(door, ADMINS_ONLY, b"", first, [("authorization", f"Bearer {second}")])
        assert outcome.code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)


@pytest.mark.parametrize("name", ["access_token", "token", "authorization"])
async def test_a_token_in_the_address_is_none(name: str, doors: Doors, signer: Signer) -> None:
    """It would end up in logs and histories."""
    async with (
        aiohttp.ClientSession(doors.gateway_url) as http,
        http.get("/v1/me", params={name: signer.token()}) as answer,
    ):
        assert answer.status in (400, 401)


async def test_a_token_of_an_ended_session(doors: Doors, people: People) -> None:
    """It has not expired; identity refuses it at once, the other services within a second."""
    person = await people.patient()
    token = await person.token()
    assert (await doors.call("gateway", OWN, b"", token)).ok
    await person.session.sign_out()
    outcome = await doors.call("gateway", OWN, b"", token)
    assert (outcome.code, outcome.reason) == (grpc.StatusCode.UNAUTHENTICATED, "SESSION_ENDED")
    listing = ListEntriesRequest(patient_id=person.account_id).SerializeToString()
    for door in ("direct", "direct-2"):
        async with asyncio.timeout(PATIENCE):
            while (outcome := await doors.call(door, LIST, listing, token)).ok:
                pass
        assert outcome.reason == "SESSION_ENDED"
