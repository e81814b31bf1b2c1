"""Who gets through, and how the others are told."""

import asyncio

import grpc
import pytest

from services.gateway.contract import Method
from tests.gateway.bad_tokens import BAD_TOKENS, expired
from tests.gateway.issuer import Issuer
from tests.gateway.replica import METHODS, Replica
from tests.gateway.running import Gateway, details, until

PUBLIC = "/apricot.identity.v1.AuthService/SignIn"
SIGNED_IN = "/apricot.identity.v1.AccountService/GetMe"
ADMIN = "/apricot.identity.v1.AuthService/RotateKeys"
UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("why", BAD_TOKENS)
async def test_a_bad_token_is_refused_with_its_reason(
    why: str, gateway: Gateway, replica: Replica, issuer: Issuer
) -> None:
    reason, make = BAD_TOKENS[why]
    error = await gateway.refusal(SIGNED_IN, token=make(issuer))
    assert (error.code(), details(error).reason, details(error).domain) == (UNAUTHENTICATED, reason, "apricot")
    assert not replica.calls


async def test_a_good_token_reaches_the_service(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    token = issuer.token()
    assert await gateway.call(SIGNED_IN, b"hello", token) == b"hello"
    assert replica.calls[0].metadata["authorization"] == f"Bearer {token}"


@pytest.mark.parametrize("roles", [("patient",), ("clinician", "service"), ("administrator",)])
async def test_the_wrong_role_is_denied(
    roles: tuple[str, ...], gateway: Gateway, replica: Replica, issuer: Issuer
) -> None:
    error = await gateway.refusal(ADMIN, token=issuer.token(*roles))
    assert (error.code(), details(error).reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_REQUIRED")
    assert not replica.calls


async def test_role_that_the_account_has_by_now_is_denied_with_its_own_reason(
    gateway: Gateway, replica: Replica, issuer: Issuer
) -> None:
    issuer.by_now.add(ADMIN)
    try:
        error = await gateway.refusal(ADMIN, token=issuer.token("patient"))
    finally:
        issuer.by_now.clear()
    assert (error.code(), details(error).reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_IN_TOKEN")
    assert not replica.calls


async def test_one_right_role_is_enough(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    issuer.asked.clear()
    assert await gateway.call(ADMIN, b"hello", issuer.token("patient", "admin")) == b"hello"
    assert await gateway.call(SIGNED_IN, b"hello", issuer.token()) == b"hello"
    assert issuer.asked == [], "identity is asked before a refusal alone"


@pytest.mark.parametrize("token", ["none", "expired"])
async def test_a_public_method_looks_at_no_token(
    token: str, gateway: Gateway, replica: Replica, issuer: Issuer
) -> None:
    given = issuer.token(exp=expired()) if token == "expired" else ""
    assert await gateway.call(PUBLIC, b"hello", given) == b"hello"
    assert "authorization" not in replica.calls[0].metadata


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.path)
async def test_every_method_of_the_contract_is_guarded(
    method: Method, gateway: Gateway, replica: Replica, issuer: Issuer
) -> None:
    if method.for_services_alone:
        error = await gateway.refusal(method.path, token=issuer.token("service"))
        assert (error.code(), details(error).reason) == (grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN")
        assert not replica.calls
    elif method.callers == "public":
        assert await gateway.call(method.path, b"hello") == b"hello"
    else:
        assert (await gateway.refusal(method.path)).code() == UNAUTHENTICATED
        assert not replica.calls


@pytest.mark.parametrize(
    "path",
    ["/apricot.identity.v1.AuthService/Backdoor", "/apricot.secret.v1.Secrets/List", "/grpc.channelz.v1.Channelz/X"],
)
async def test_what_the_contract_does_not_name_is_unknown(path: str, gateway: Gateway, issuer: Issuer) -> None:
    assert (await gateway.refusal(path)).code() == grpc.StatusCode.UNIMPLEMENTED
    assert (await gateway.refusal(path, token=issuer.token("admin"))).code() == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_is_public(version: str, gateway: Gateway, replica: Replica) -> None:
    path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
    method: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = gateway.channel.stream_stream(path)
    call = method(iter([b"list"]))
    assert [answer async for answer in call] == [b"list"]


async def test_health_is_public(gateway: Gateway) -> None:
    assert await gateway.call("/grpc.health.v1.Health/Check") == b"\x08\x01"


async def test_what_a_caller_says_about_itself_is_dropped(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    claims = {"x-user-id": "1", "x-apricot-roles": "admin", "x-jwt-payload": "e30", "x-roles": "admin"}
    others = {"x-request-id": "mine", "x-else": "kept"}
    await gateway.call(SIGNED_IN, token=issuer.token(), metadata=claims | others)
    metadata = replica.calls[0].metadata
    assert not claims.keys() & metadata.keys()
    assert metadata["x-else"] == "kept"
    assert metadata["x-request-id"] != "mine"


async def test_a_new_key_works_once_the_keys_are_fetched_anew(gateway: Gateway, issuer: Issuer) -> None:
    old = issuer.token()
    issuer.rotate()
    new = issuer.token()

    async def accepted() -> bool:
        try:
            return await gateway.call(SIGNED_IN, b"hello", new) == b"hello"
        except grpc.aio.AioRpcError:
            return False

    await until(accepted)
    assert await gateway.call(SIGNED_IN, b"hello", old) == b"hello"


async def test_many_calls_at_once_share_the_check(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    token = issuer.token()
    answers = await asyncio.gather(*(gateway.call(SIGNED_IN, bytes([i]), token) for i in range(100)))
    assert answers == [bytes([i]) for i in range(100)]
