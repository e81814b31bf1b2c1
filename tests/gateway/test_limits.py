"""How often and how much."""

import asyncio
from pathlib import Path
from uuid import uuid4

import aiohttp
import grpc

from services.gateway.settings import GatewaySettings
from tests.gateway.issuer import Issuer
from tests.gateway.replica import Replica
from tests.gateway.running import Gateway, details, running_gateway

METHOD = "/apricot.identity.v1.AccountService/GetMe"
SIGN_IN = "/apricot.identity.v1.AuthService/SignIn"
REFRESH = "/apricot.identity.v1.AuthService/RefreshToken"
KEYS = "/apricot.identity.v1.SigningService/ListPublicKeys"
ACCEPT = "/apricot.identity.v1.CareService/AcceptInvite"
UPLOAD = "/apricot.glucose.v1.DiaryService/UploadEntries"
EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
MIB = 1 << 20
MOST = GatewaySettings().max_message_bytes


async def refusals(gateway: Gateway, path: str, token: str, times: int) -> list[grpc.aio.AioRpcError]:
    """What does not get through of so many calls at once."""
    answers = await asyncio.gather(*(gateway.call(path, token=token) for _ in range(times)), return_exceptions=True)
    return [answer for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]


async def test_one_user_s_hurry_is_not_another_s(
    tmp_path: Path, jwks_url: str, replica: Replica, issuer: Issuer
) -> None:
    upstreams = {"identity": [replica.address]}
    settings = {"jwks_url": jwks_url, "upstreams": upstreams, "user_requests_per_second": 2}
    async with running_gateway(tmp_path, **settings) as gateway:
        hurried, calm = str(uuid4()), str(uuid4())
        refused = await refusals(gateway, METHOD, issuer.token(sub=hurried), 20)
        assert 12 <= len(refused) <= 16
        for error in refused:
            info = details(error)
            assert (error.code(), info.reason, info.metadata["retry_after_seconds"]) == (EXHAUSTED, "RATE_LIMITED", "1")
        # The same user with another token is the same user.
        assert await refusals(gateway, METHOD, issuer.token("clinician", sub=hurried), 10)
        assert not await refusals(gateway, METHOD, issuer.token(sub=calm), 4)


async def test_one_address_guesses_little(tmp_path: Path, jwks_url: str, replica: Replica, issuer: Issuer) -> None:
    upstreams = {"identity": [replica.address]}
    settings = {"jwks_url": jwks_url, "upstreams": upstreams, "sign_in_requests_per_minute": 6}
    async with running_gateway(tmp_path, trusted_proxies=1, **settings) as gateway:
        from_one, from_another = {"x-forwarded-for": "203.0.113.1"}, {"x-forwarded-for": "203.0.113.2"}
        for path in (SIGN_IN, ACCEPT) * 3:
            await gateway.call(path, token=issuer.token(), metadata=from_one)
        for path in (SIGN_IN, ACCEPT):
            error = await gateway.refusal(path, token=issuer.token(), metadata=from_one)
            info = details(error)
            assert (error.code(), info.reason, info.metadata["retry_after_seconds"]) == (
                EXHAUSTED,
                "RATE_LIMITED",
                "10",
            )
        await gateway.call(METHOD, token=issuer.token(), metadata=from_one)
        await gateway.call(SIGN_IN, metadata=from_another)
        async with (
            aiohttp.ClientSession(gateway.url) as http,
            http.post("/v1/auth/sign-in", json={}, headers=from_one) as answer,
        ):
            assert (answer.status, (await answer.json())["details"][0]["reason"]) == (429, "RATE_LIMITED")


async def test_refreshes_and_keys_leave_sign_ins_alone(tmp_path: Path, jwks_url: str, replica: Replica) -> None:
    settings = {"jwks_url": jwks_url, "upstreams": {"identity": [replica.address]}, "sign_in_requests_per_minute": 2}
    async with running_gateway(tmp_path, **settings) as gateway:
        for path in (KEYS, REFRESH):
            assert await refusals(gateway, path, "", 21)
            await gateway.call(SIGN_IN)


async def test_addresses_of_one_ipv6_network_share_a_bucket(tmp_path: Path, jwks_url: str, replica: Replica) -> None:
    settings = {"jwks_url": jwks_url, "upstreams": {"identity": [replica.address]}, "sign_in_requests_per_minute": 1}
    async with running_gateway(tmp_path, trusted_proxies=1, **settings) as gateway:
        await gateway.call(SIGN_IN, metadata={"x-forwarded-for": "2001:db8:0:1::1"})
        error = await gateway.refusal(SIGN_IN, metadata={"x-forwarded-for": "2001:db8:0:1:ffff::2"})
        assert details(error).reason == "RATE_LIMITED"
        await gateway.call(SIGN_IN, metadata={"x-forwarded-for": "2001:db8:0:2::1"})


async def test_nobody_names_their_own_address(tmp_path: Path, jwks_url: str, replica: Replica) -> None:
    settings = {"jwks_url": jwks_url, "upstreams": {"identity": [replica.address]}, "sign_in_requests_per_minute": 1}
    async with running_gateway(tmp_path, **settings) as gateway:
        await gateway.call(SIGN_IN, metadata={"x-forwarded-for": "203.0.113.1"})
        error = await gateway.refusal(SIGN_IN, metadata={"x-forwarded-for": "203.0.113.2"})
        assert error.code() == EXHAUSTED


async def test_a_message_of_the_full_size_passes(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    await gateway.call(METHOD, bytes(MOST - 10), issuer.token())
    assert len(replica.calls[0].body) == MOST - 10


async def test_a_message_too_large_stays_outside(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    error = await gateway.refusal(METHOD, bytes(MOST + 1), issuer.token())
    assert (error.code(), details(error).reason) == (EXHAUSTED, "TOO_LARGE")
    assert not replica.calls


async def test_a_stream_may_be_longer_than_a_message(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    method: grpc.aio.StreamUnaryMultiCallable[bytes, bytes] = gateway.channel.stream_unary(UPLOAD)
    replica.answers[UPLOAD] = b"done"
    metadata = [("authorization", f"Bearer {issuer.token()}")]
    assert await method(iter([bytes(MIB)] * 12), metadata=metadata) == b"done"
    assert len(replica.calls[0].body) == 12 * MIB


async def test_headers_too_large_stay_outside(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    headers = {"authorization": f"Bearer {issuer.token()}"}
    async with aiohttp.ClientSession(gateway.url) as http:
        async with http.get("/v1/me", headers=headers | {"x-long": "x" * 20_000}) as answer:
            assert answer.status == 431
        async with http.get("/v1/me", headers=headers | {f"x-many-{i}": "x" for i in range(70)}) as answer:
            assert answer.status == 431
    await gateway.refusal(METHOD, token=issuer.token(), metadata={"x-long": "x" * 20_000})
    assert not replica.calls
