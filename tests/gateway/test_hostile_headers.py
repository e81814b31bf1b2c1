"""Malformed headers of one client: refused or dropped, and never another client's trouble."""

import aiohttp
import grpc
import pytest
from yarl import URL

from tests.gateway.issuer import Issuer
from tests.gateway.replica import Replica
from tests.gateway.running import Gateway, details
from tests.hardening.malformed import EMPTY, MALFORMED, by_grpc_web, by_http2, by_json

REFRESH = "/apricot.identity.v1.AuthService/RefreshToken"
WIRES = ["grpc-web", "json", "http2"]


async def send(gateway: Gateway, wire: str, name: str, value: str) -> None:
    """Send one call with the header by this wire; how it ends is its own matter."""
    if wire == "http2":
        await by_http2(gateway.address, REFRESH, name, value)
        return
    async with aiohttp.ClientSession(gateway.url) as http:
        by, path = (by_grpc_web, REFRESH) if wire == "grpc-web" else (by_json, "/v1/auth/refresh")
        assert await by(http, path, name, value) < 500


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(("name", "value"), MALFORMED)
async def test_malformed_header_concerns_its_own_call_alone(
    name: str, value: str, wire: str, gateway: Gateway, replica: Replica
) -> None:
    await send(gateway, wire, name, value)
    for _ in range(3):
        assert await gateway.call(REFRESH, b"well") == b"well"


@pytest.mark.parametrize(("name", "value"), [("grpc-timeout", "-1S"), ("grpc-encoding", "nope")])
async def test_malformed_header_is_refused_with_its_reason(
    name: str, value: str, gateway: Gateway, replica: Replica
) -> None:
    async with (
        aiohttp.ClientSession(gateway.url) as http,
        http.post("/v1/auth/refresh", json={}, headers={name: value}) as answer,
    ):
        assert (answer.status, (await answer.json())["details"][0]["reason"]) == (400, "MALFORMED_MESSAGE")
    assert not replica.calls


async def test_binary_and_internal_headers_are_dropped(gateway: Gateway, replica: Replica) -> None:
    sent = {"grpc-tags-bin": "eA", "x-any-bin": "eA", "lb-token": "x", "x-else": "kept"}
    async with aiohttp.ClientSession(gateway.url) as http, http.post("/v1/auth/refresh", json={}, headers=sent):
        pass
    assert sent.keys() & replica.calls[0].metadata.keys() == {"x-else"}


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE", "PATCH"])
async def test_grpc_by_another_verb_than_post_is_unknown(verb: str, gateway: Gateway, replica: Replica) -> None:
    headers = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1"}
    async with (
        aiohttp.ClientSession(gateway.url) as http,
        http.request(verb, REFRESH, data=EMPTY, headers=headers) as answer,
    ):
        assert answer.headers["grpc-status"] == "12"
    assert not replica.calls


@pytest.mark.parametrize("path", ["/", "/v1/nothing", REFRESH])
async def test_unknown_path_is_a_typed_error_in_json(path: str, gateway: Gateway) -> None:
    async with aiohttp.ClientSession(gateway.url) as http, http.get(path) as answer:
        body = await answer.json()
    assert (answer.status, body["code"], body["details"][0]["reason"]) == (404, 12, "METHOD_UNKNOWN")


async def test_unreadable_json_is_a_typed_error(gateway: Gateway, issuer: Issuer) -> None:
    async with (
        aiohttp.ClientSession(gateway.url) as http,
        http.post("/v1/auth/refresh", data=b"{", headers={"content-type": "application/json"}) as answer,
    ):
        body = await answer.json()
    assert (answer.status, body["code"], body["details"][0]["reason"]) == (400, 3, "MALFORMED_MESSAGE")


async def test_query_that_repeats_the_path_is_refused(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    headers = {"authorization": f"Bearer {issuer.token()}"}
    async with aiohttp.ClientSession(gateway.url) as http:
        for name in ("patientId", "patient_id", "pageSize=1&patientId", "patient%49d", "%70atient_id"):
            url = f"{gateway.url}/v1/patients/one/entries?{name}=another"
            async with http.get(URL(url, encoded=True), headers=headers) as answer:
                assert answer.status == 400, name
                assert (await answer.json())["details"][0]["reason"] in ("INVALID_FIELD", "MALFORMED_MESSAGE")
    assert not replica.calls


async def test_service_method_by_json_is_unknown(gateway: Gateway, replica: Replica, issuer: Issuer) -> None:
    path = "/apricot.identity.v1.SigningService/Sign"
    error = await gateway.refusal(path, token=issuer.token("service"))
    assert (error.code(), details(error).reason) == (grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN")
